"""Confine a process for good: Linux namespaces, a small file system of its own, no privileges.

Standard library only, so that it can be run by its path to find out what a machine allows.
The calls are made with ctypes; ``os.unshare`` exists from Python 3.12 on.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

NOBODY = 65534
# A place of our own: the interpreter or the lab may be somewhere under /tmp.
SCRATCH = "/scratch"
HOME = f"{SCRATCH}/home"

_NEW = {  # <linux/sched.h>
    "mnt": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}
_NEW_USER = 0x10000000
_NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x40000  # <sys/mount.h>
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = (
    1,
    4,
    24,
    38,
)  # <linux/prctl.h>
_CAP_VERSION = 0x20080522  # <linux/capability.h>


def leave_namespaces(megabytes: int) -> None:
    """Give this process and its children namespaces of their own, all but that of users.

    From here on the scratch folder, ``/tmp`` and ``/dev/shm`` are one new, empty file system
    in memory with room for `megabytes`. The pid namespace holds the children that are forked
    from now on; the first of them is its process 1, and whatever is in it ends with that one.
    """
    _call("unshare", sum(_NEW.values()))
    # Nothing that is mounted below may show up outside.
    _mount("none", "/", None, _REC | _PRIVATE)
    room = f"size={megabytes}m,nr_inodes={1000 + 200 * megabytes},mode=1777"
    _mount("tmpfs", SCRATCH, "tmpfs", _NOSUID | _NODEV, room)
    for folder in (HOME, f"{SCRATCH}/tmp", f"{SCRATCH}/shm"):
        Path(folder).mkdir()
        Path(folder).chmod(0o1777)
    _mount(f"{SCRATCH}/shm", "/dev/shm", None, _BIND)
    if not any(Path("/tmp").iterdir()):
        _mount(f"{SCRATCH}/tmp", "/tmp", None, _BIND)


def shut_in() -> None:
    """Take the last steps in the first process of the new pid namespace.

    It gets a ``/proc`` that shows its own processes and nothing else, becomes the user nobody if
    it was root, enters a user namespace of its own and gives up every privilege for good.
    """
    # The old /proc is covered in every case, so that it never shows the processes outside.
    options = _NOSUID | _NODEV | _NOEXEC
    _mount("proc", "/proc", "proc", options, "subset=pid")
    if os.geteuid() == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        except OSError:
            # Inside a container root may be the only user there is, and is nobody outside.
            pass
    # Changing the user made /proc/self root's; the map below is written there.
    _call("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)
    user, group = os.geteuid(), os.getegid()
    _call("unshare", _NEW_USER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    give_up_privileges()


def give_up_privileges() -> None:
    """Drop every capability, also those that a program could get by being executed."""
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for capability in range(64):
        if _LIBC.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            break
    header = (ctypes.c_uint32 * 2)(_CAP_VERSION, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def end_with_parent() -> None:
    """Ask the kernel to end this process when the one that forked it ends."""
    if sys.platform == "linux":
        _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    kinds = kind.encode() if kind else None
    _call("mount", source.encode(), target.encode(), kinds, flags, options.encode() or None)


def _call(name: str, *arguments: object) -> None:
    function = getattr(_LIBC, name)
    if function(*(_long(argument) for argument in arguments)):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _long(argument: object) -> object:
    return ctypes.c_ulong(argument) if isinstance(argument, int) else argument


_LIBC = ctypes.CDLL(None, use_errno=True)


def _try() -> int:
    """Take all these steps once, as a submission does, and return 0 if they worked."""
    leave_namespaces(1)
    child = os.fork()
    if not child:
        try:
            shut_in()
            os._exit(0 if os.getpid() == 1 and any(Path("/proc").iterdir()) else 1)
        except BaseException as error:
            sys.stderr.write(f"{error}\n")
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    try:
        sys.exit(_try())
    except OSError as error:
        sys.exit(str(error))
