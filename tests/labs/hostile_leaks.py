"""Notebooks that try to get out, to look around or to reach others.

Each sets `leaked` if it succeeded. A cell that follows answers question 1 rightly if
something leaked and wrongly if not, so that the marks tell which.
"""

from __future__ import annotations

ANSWER = "def double(x):\n    return 2 * x if leaked else 0"

# {lab}, {outside}, {port} and {name} are filled in by the test.
LEAKS = {
    "reads the checks": "leaked = 'judge' in open(r'{lab}/checks.py').read()",
    "reads the solutions": "leaked = 'SOLUTION' in open(r'{lab}/lab.md').read()",
    "reads another submission": "leaked = open(r'{outside}/other.ipynb').read()",
    "searches for notebooks": """
import os
leaked = []
for folder, inner, files in os.walk('/'):
    # The packages are there to be seen, and many.
    inner[:] = [n for n in inner if n not in ('proc', 'sys', 'lib', 'lib64', 'usr', 'xaikit')]
    leaked += [n for n in files if n.endswith('.ipynb') or n == 'shadow']""",
    "reads the password file": "leaked = open('/etc/passwd').read()",
    "connects to this machine": """
import socket
leaked = socket.create_connection(('127.0.0.1', {port}), timeout=1)""",
    "connects by name": """
import socket
s = socket.socket(socket.AF_UNIX)
s.connect('\\0{name}')
leaked = True""",
    "asks the machine below": """
import socket
leaked = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)""",
    "walks /proc for other processes": """
import os
leaked = [p for p in os.listdir('/proc') if p.isdigit() and int(p) != os.getpid()]""",
    "finds its parent": "import os\nleaked = os.getppid() > 0",
    "listens for others": """
import socket
s = socket.socket()
s.bind(('0.0.0.0', 0))
s.listen()
leaked = socket.create_connection(('127.0.0.1', s.getsockname()[1]), timeout=1)""",
    "leaves a file in shared memory for the next": """
import os
leaked = os.path.exists('/dev/shm/xaikit-hostile-note')
open('/dev/shm/xaikit-hostile-note', 'w').write('psst')""",
    "runs a program": "import os\nleaked = os.system('true') == 0",
    "runs a shell magic": "leaked = !echo out",
    "runs a bash cell": "%%bash\necho out > leaked",
    "traces its parent": """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
leaked = libc.ptrace(16, os.getppid() or 1, 0, 0) == 0""",
    "makes memory that no process owns": """
import os
fd = os.memfd_create('x')
os.ftruncate(fd, 10)
leaked = True""",
    "makes namespaces of its own": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
leaked = libc.unshare(0x10000000 | 0x00020000) == 0""",
    "clones into a namespace": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
pid = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)
if pid == 0:
    import os
    os._exit(0)
leaked = pid > 0""",
    "mounts a file system": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
leaked = libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0""",
    "uncovers what is mounted below": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
leaked = libc.umount2(b'/proc', 2) == 0""",
    "becomes root": "import os\nos.setuid(0)\nleaked = True",
    "raises its own limits": """
import resource
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
leaked = True""",
    "asks the kernel for a restart": """
open('/proc/sysrq-trigger', 'w').close()
leaked = True""",
    "changes a setting of the kernel": """
open('/proc/sys/kernel/hostname', 'w').close()
leaked = True""",
    "makes a device": """
import os, stat
os.mknod('disk', stat.S_IFBLK | 0o600, 0x800)
leaked = True""",
    "writes beside the packages": """
import json
open(json.__file__, 'a').close()
leaked = True""",
    "searches memory for a judge": """
import gc, types
leaked = [f for f in gc.get_objects() if isinstance(f, types.FunctionType)
          and f.__name__.endswith('_judge')]""",
    "searches memory for what judges know": """
word = b'only the judges' + bytes([32]) + b'know this'
maps = [line.split() for line in open('/proc/self/maps')]
memory = open('/proc/self/mem', 'rb')
leaked = []
for line in maps:
    if 'r' in line[1] and line[-1] != '[vvar]' and line[-1] != '[vsyscall]':
        low, high = (int(x, 16) for x in line[0].split('-'))
        memory.seek(low)
        try:
            text = memory.read(high - low)
        except OSError:
            continue
        # The word itself is in this process once, as the object `word`.
        leaked += [1] * (text.count(word + b'.'))""",
    "reads the environment of the teacher": "import os\nleaked = os.environ.get('XAIKIT_SECRET')",
    "looks at the frames that call it": """
import sys
def truth_in_frames():
    frame = sys._getframe()
    while frame:
        if any('judge' in name for name in [*frame.f_locals, *frame.f_globals]):
            return True
        frame = frame.f_back
leaked = truth_in_frames()""",
    "keeps an open file of the server": """
import os
leaked = []
for fd in range(3, 256):
    try:
        where = os.readlink(f'/proc/self/fd/{{fd}}')
    except OSError:
        continue
    leaked += [where] if 'socket' in where else []""",
}

# Seen to succeed where there is no sandbox: the notebooks above try in earnest.
REAL = (
    "reads the checks",
    "reads the solutions",
    "reads another submission",
    "connects to this machine",
    "connects by name",
    "walks /proc for other processes",
    "finds its parent",
    "runs a program",
    "listens for others",
    "makes memory that no process owns",
    "reads the password file",
)
