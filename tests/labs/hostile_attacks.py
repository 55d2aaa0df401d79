"""Notebooks that break, fill, fake or outlive: code, how it may end, the most it may earn.

Before each stands a right answer to question 1, worth 2 points, unless the code replaces it;
question 2 is never answered.
"""

from __future__ import annotations

OK, TIMEOUT, MEMORY, CRASHED = "ok", "timeout", "memory", "crashed"

# Writes into every pipe that the notebook finds open.
SEND = """
import os
def send(content):
    for fd in range(3, 256):
        try:
            os.write(fd, content)
        except OSError:
            pass
"""
_FORGE = SEND + "import json\n"

ATTACKS: dict[str, tuple[str, set[str], float]] = {
    # Time
    # A cell that would never end is ended, and what was answered counts.
    "endless loop": ("while True:\n    pass", {OK}, 2),
    "sleeps": ("import time\ntime.sleep(10**6)", {OK}, 2),
    "loop that catches everything": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        {OK, TIMEOUT},
        2,
    ),
    "ignores every signal": (
        "import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\nwhile True: pass",
        {TIMEOUT},
        0,
    ),
    "code that no alarm reaches": (
        "import signal\nfor kind in (signal.SIGPROF, signal.SIGALRM):\n"
        "    signal.signal(kind, signal.SIG_IGN)\nwhile True: pass",
        {TIMEOUT},
        0,
    ),
    "endless answer": (
        "def double(x):\n    import itertools\n    return sum(1 for _ in itertools.count())",
        {OK, TIMEOUT},
        0,
    ),
    "expression that never matches": (
        "import re\nre.match('(a+)+$', 'a' * 64 + 'b')",
        {OK},
        2,
    ),
    "stops itself": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        {OK, TIMEOUT, CRASHED},
        2,
    ),
    # Memory
    "memory at once": ("x = bytearray(10**11)", {MEMORY}, 0),
    "memory bit by bit": (
        "x = []\nwhile True:\n    x.append(bytearray(10**6))",
        {MEMORY, TIMEOUT},
        0,
    ),
    "memory of an array": ("import numpy as np\nx = np.ones(10**11)", {MEMORY}, 0),
    "memory in many processes": (
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        x = bytearray(os.urandom(1000) * 150_000)\n        time.sleep(60)\ntime.sleep(60)",
        {MEMORY},
        0,
    ),
    "shared memory whose pages are let go": (
        "import mmap, os, time\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        x = mmap.mmap(-1, 2 * 10**8)\n        x.write(b'x' * 10**8)\n"
        "        x.madvise(mmap.MADV_DONTNEED)\n        time.sleep(60)\ntime.sleep(60)",
        {MEMORY},
        0,
    ),
    "sockets full of messages": (
        "import os, socket, time\nfor _ in range(16):\n    if os.fork() == 0:\n"
        "        pairs = [socket.socketpair() for _ in range(100)]\n"
        "        for one in pairs:\n            one[0].setblocking(False)\n"
        "            try:\n                while True: one[0].send(b'x' * 65536)\n"
        "            except BlockingIOError: pass\n"
        "        time.sleep(60)\ntime.sleep(60)",
        {MEMORY},
        0,
    ),
    "giant whole number": ("def double(x):\n    return 10 ** 10**5", {OK}, 0),
    "infinite list": (
        "import itertools\ndef double(x):\n    return list(itertools.count())",
        {OK, MEMORY, TIMEOUT},
        0,
    ),
    # Processes and threads
    "fork bomb": ("import os\nwhile True:\n    os.fork()", {OK, TIMEOUT, MEMORY, CRASHED}, 2),
    "fork bomb that waits": (
        "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(1)",
        {OK, TIMEOUT, MEMORY, CRASHED},
        2,
    ),
    "thirty busy children": (
        "import os\nfor _ in range(30):\n    if os.fork() == 0: break\nwhile True: pass",
        {TIMEOUT},
        0,
    ),
    "thread bomb": (
        "import threading, time\nwhile True:\n"
        "    threading.Thread(target=time.sleep, args=(99,)).start()",
        {OK, MEMORY, CRASHED},
        2,
    ),
    "thread that outlives": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(10**6,)).start()",
        {OK},
        2,
    ),
    "daemon that leaves its session": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        time.sleep(10**6)\n    os._exit(0)",
        {OK},
        2,
    ),
    "child that answers in its place": (
        "import os\nif os.fork():\n    os.wait()",
        {CRASHED},
        0,
    ),
    "kills all it can": (
        "import os, signal\nfor pid in (-1, 0, 1, 2, 3):\n"
        "    try: os.kill(pid, signal.SIGKILL)\n    except OSError: pass",
        {OK, CRASHED},
        2,
    ),
    # Ends
    "os._exit": ("import os\nos._exit(0)", {CRASHED}, 0),
    "os._exit as if out of memory": ("import os\nos._exit(77)", {MEMORY}, 0),
    "sys.exit": ("import sys\nsys.exit(0)", {OK}, 2),
    "exit in the answer": ("def double(x):\n    raise SystemExit", {OK}, 0),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", {OK}, 2),
    "KeyboardInterrupt in the answer": (
        "def double(x):\n    raise KeyboardInterrupt",
        {OK},
        0,
    ),
    "segmentation fault": ("import ctypes\nctypes.string_at(0)", {CRASHED}, 0),
    "abort": ("import os\nos.abort()", {CRASHED}, 0),
    "becomes another program": (
        "import os, sys\nos.execv(sys.executable, [sys.executable, '-c', 'pass'])",
        {CRASHED},
        0,
    ),
    "at exit": ("import atexit, time\natexit.register(time.sleep, 10**6)", {OK}, 2),
    "alarm": ("import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.01)", {OK, CRASHED}, 2),
    "deep recursion": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
        {OK, CRASHED, MEMORY, TIMEOUT},
        2,
    ),
    "deep recursion in the answer": ("def double(x):\n    return double(x)", {OK}, 0),
    "error that cannot be shown": (
        "class E(Exception):\n    def __str__(self): raise E\n"
        "    __repr__ = __str__\ndef double(x): raise E",
        {OK},
        0,
    ),
    # Disk and output
    "prints 100 MB": ("for _ in range(100):\n    print('x' * 10**6)", {OK}, 2),
    "prints to the descriptor": (
        "import os\nfor _ in range(100): os.write(1, b'x' * 10**6)",
        {OK},
        2,
    ),
    "fills the disk": (
        "for i in range(10**4):\n    open(f'f{i}', 'wb').write(b'x' * 10**6)",
        {OK},
        2,
    ),
    "fills shared memory": (
        "for i in range(10**4):\n    open(f'/dev/shm/f{i}', 'wb').write(b'x' * 10**6)",
        {OK},
        2,
    ),
    "one huge file": ("open('f', 'wb').truncate(10**12)", {OK}, 2),
    "inode bomb": ("for i in range(10**6):\n    open(f'f{i}', 'w').close()", {OK}, 2),
    "folders without end": (
        "import os\nwhile True:\n    os.mkdir('d'); os.chdir('d')",
        {OK, CRASHED},
        2,
    ),
    # What the parent reads
    "forged reply with full points": (
        _FORGE + 'send(b\'{"points": {"q1": 2, "q2": 2}}\')\nos._exit(0)',
        {CRASHED},
        0,
    ),
    "forged reply with wrong values": (
        _FORGE + "send(json.dumps({'stopped': [], 'probes': {'q1': {'value': True}, "
        "'q2': {'value': 'right'}}})"
        ".encode())\nos._exit(0)",
        {OK},
        0,
    ),
    "forged reply before the real one": (
        _FORGE + "send(json.dumps({'stopped': [], 'probes': {'q2': {'value': 1}}}).encode())",
        {CRASHED},
        0,
    ),
    "levels without end": (SEND + "send(b'[' * 1_000_000)\nos._exit(0)", {CRASHED}, 0),
    "a million levels, closed": (
        SEND + "send(b'{\"probes\": ' + b'[' * 10**4 + b']' * 10**4 + b'}')\nos._exit(0)",
        {CRASHED},
        0,
    ),
    "reply that is too large": (SEND + "send(b' ' * 10**7)\nos._exit(0)", {CRASHED}, 0),
    "reply without end": (SEND + "while True: send(b' ' * 10**6)", {TIMEOUT, CRASHED}, 0),
    "reply of giant numbers": (
        SEND + "send(b'{\"probes\": {\"q1\": {\"value\": ' + b'9' * 10**4 + b'}}}')\nos._exit(0)",
        {CRASHED},
        0,
    ),
    "reply that is not text": (SEND + "send(bytes(range(256)))\nos._exit(0)", {CRASHED}, 0),
    "reply with half a character": (
        SEND + 'send(b\'{"probes": {"q1": {"error": "\\\\ud800\\\\u0000", "line": 7}}, '
        '"stopped": []}\')\n'
        "os._exit(0)",
        {OK},
        0,
    ),
    "reply that is a pickle": (
        SEND
        + "import pickle\nclass P:\n    def __reduce__(self):\n        return os.system, ('x',)\n"
        "send(pickle.dumps(P()))\nos._exit(0)",
        {CRASHED},
        0,
    ),
    "forged note that it is unreadable": (
        SEND + 'send(b\'{"unreadable": "give 4 of 4 by hand"}\')\nos._exit(0)',
        {"unreadable"},
        0,
    ),
    "closes all files": ("import os\nos.closerange(0, 4096)", {CRASHED}, 0),
    # Patches
    "patches the checker": (
        "import xaikit.labs\nxaikit.labs.plain = lambda value: 'correct'\n"
        "xaikit.labs.numbers = lambda *a: True",
        {OK},
        0,
    ),
    "patches the code that runs it": (
        "from xaikit.course.grading import _run_notebook as r\n"
        "r.probe_all = lambda *a, **k: {'q1': {'value': 1}, 'q2': {'value': 2, 'points': 2}}",
        {OK},
        0,
    ),
    "patches json": (
        'import json\njson.dumps = lambda *a, **k: \'{"probes": {"q2": {"value": 2}}}\'',
        {OK, CRASHED},
        0,
    ),
    "patches numpy": (
        "import numpy\nnumpy.random.default_rng = None\nnumpy.ndarray = list",
        {OK},
        0,
    ),
    "patches the way out": ("import os\nos._exit = lambda code: None\nos.write = None", {OK}, 2),
    "import hook": (
        "import sys\nclass H:\n    def find_spec(self, *a): raise SystemExit\n"
        "sys.meta_path.insert(0, H())\nsys.modules.clear()",
        {OK, CRASHED},
        2,
    ),
    "traces every line": (
        "import sys\ndef t(frame, event, arg):\n    frame.f_locals.clear()\n    return t\n"
        "sys.settrace(t)\nimport threading\nthreading.settrace(t)",
        {OK, CRASHED},
        2,
    ),
    "deletes what it can": (
        "import json, shutil\nfor p in (json.__path__[0], '/tmp', '/dev', '/etc', r'{outside}'):\n"
        "    shutil.rmtree(p, ignore_errors=True)",
        {OK, CRASHED},
        2,
    ),
    # Answers
    "equal to everything": (
        "class E:\n    def __eq__(self, o): return True\n    def __lt__(self, o): return True\n"
        "    __le__ = __gt__ = __ge__ = __lt__\n    __hash__ = object.__hash__\n"
        "def double(x): return E()",
        {OK},
        0,
    ),
    "number equal to everything": (
        "class F(float):\n    def __eq__(self, o): return True\n"
        "    def __repr__(self): return '2'\n"
        "    __hash__ = float.__hash__\ndef double(x): return F(0)",
        {OK},
        0,
    ),
    "poisoned __reduce__": (
        "import os\nclass R:\n    def __reduce__(self): return os.system, ('x',)\n"
        "def double(x): return R()",
        {OK},
        0,
    ),
    "array that lies": (
        "import numpy as np\nclass A(np.ndarray):\n    def tolist(self): return 'correct'\n"
        "    size = 1\ndef double(x): return np.zeros(3).view(A)",
        {OK},
        0,
    ),
    "object that says it is a number": (
        "class N:\n    __class__ = float\n    def __float__(self): return 2.0\n"
        "def double(x): return N()",
        {OK},
        0,
    ),
    "not a number": ("def double(x): return float('nan')", {OK}, 0),
    "infinite": ("def double(x): return float('inf')", {OK}, 0),
    "generator without end": ("def double(x):\n    while True:\n        yield 2", {OK}, 0),
    "huge text": ("def double(x): return 'x' * 10**7", {OK}, 0),
    "text of accents": ("def double(x): return 'e' + '\\u0301' * 10**5", {OK}, 0),
    "list of itself": ("def double(x):\n    x = []\n    x.append(x)\n    return x", {OK}, 0),
    "list that grows when it is read": (
        "class L(list):\n    def __len__(self): return 1\n    def __iter__(self):\n"
        "        while True: yield 2\ndef double(x): return L()",
        {OK, TIMEOUT, MEMORY},
        0,
    ),
    "error as long as a book": ("def double(x): raise ValueError('x' * 10**7)", {OK}, 0),
}
