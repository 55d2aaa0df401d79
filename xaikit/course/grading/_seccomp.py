"""Refuse system calls that no notebook needs, on machines whose call numbers are known here.

Sockets are refused too, but for those between processes of one machine, which Python's own
event loop is made of: some other kinds, AF_VSOCK among them, know no network namespaces.

A second wall behind the namespaces. It also closes the ways to memory that belongs to no
process, and so to no limit: files in memory, System V memory, message queues.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct
from dataclasses import dataclass

# <linux/filter.h>, <linux/seccomp.h>, <linux/audit.h>, <linux/prctl.h>
_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_PR_SET_SECCOMP, _FILTER = 22, 2
# clone() with any of these makes a namespace.
_NEW_NAMESPACES = 0x7E020000
_CLONE3 = 435

# open_tree to fspick, io_uring, pidfd_getfd, mount_setattr, memfd_secret: the same everywhere.
_COMMON = (425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 447)
_OTHERS = {
    "x86_64": {
        "add_key": 248, "bpf": 321, "chroot": 161, "kcmp": 312, "keyctl": 250,
        "memfd_create": 319, "mount": 165, "mq_open": 240, "msgget": 68,
        "name_to_handle_at": 303, "open_by_handle_at": 304, "perf_event_open": 298,
        "personality": 135, "pivot_root": 155, "process_vm_readv": 310,
        "process_vm_writev": 311, "ptrace": 101, "request_key": 249, "semget": 64,
        "setns": 308, "shmat": 30, "shmget": 29, "umount2": 166, "unshare": 272,
        "userfaultfd": 323,
    },
    "aarch64": {
        "add_key": 217, "bpf": 280, "chroot": 51, "kcmp": 272, "keyctl": 219,
        "memfd_create": 279, "mount": 40, "mq_open": 180, "msgget": 186,
        "name_to_handle_at": 264, "open_by_handle_at": 265, "perf_event_open": 241,
        "personality": 92, "pivot_root": 41, "process_vm_readv": 270,
        "process_vm_writev": 271, "ptrace": 117, "request_key": 218, "semget": 190,
        "setns": 268, "shmat": 196, "shmget": 194, "umount2": 39, "unshare": 97,
        "userfaultfd": 282,
    },
}  # fmt: skip


@dataclass(frozen=True)
class _Machine:
    architecture: int
    clone: int
    socket: int


_MACHINES = {"x86_64": _Machine(0xC000003E, 56, 41), "aarch64": _Machine(0xC00000B7, 220, 198)}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def take_calls_away() -> bool:
    """Refuse the calls from now on, in this process and all that it starts.

    Returns whether this machine's system calls are known here. The process must have given
    up its privileges before.

    Raises
    ------
    OSError
        If the kernel has no filters for system calls.
    """
    name = platform.machine()
    if name not in _MACHINES:
        return False
    code = _program(name)
    libc = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(code) // 8, code)
    if libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "no filter for system calls")
    return True


def _program(name: str) -> bytes:
    machine = _MACHINES[name]
    refuse = _step(_RETURN, _FAIL | errno.EPERM)
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, machine.architecture, yes=1),
        refuse,
        _step(_LOAD, _NUMBER),
        # On x86 the same calls have a second set of numbers, from here on.
        _step(_AT_LEAST, 0x40000000, no=1),
        refuse,
    ]
    for number in (*_COMMON, *_OTHERS[name].values()):
        steps += [_step(_EQUAL, number, no=1), refuse]
    steps += [
        _step(_EQUAL, machine.socket, no=4),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_EQUAL, socket.AF_UNIX, no=1),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _FAIL | errno.EAFNOSUPPORT),
        # Its flags are in memory, out of sight; without it the C library takes clone().
        _step(_EQUAL, _CLONE3, no=1),
        _step(_RETURN, _FAIL | errno.ENOSYS),
        _step(_EQUAL, machine.clone, no=3),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_ANY_BIT, _NEW_NAMESPACES, no=1),
        refuse,
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(steps)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
