"""Universal Binary JSON as XGBoost writes it: lists of numbers in one piece, lengths ahead.

XGBoost saves a model in it twenty times as fast as in JSON, and its numbers need no parsing.
https://ubjson.org, https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
"""

from __future__ import annotations

from typing import Any

import numpy as np

_NUMBERS = {
    marker: np.dtype(kind)
    for marker, kind in zip(
        b"iUIlLdD", ("i1", "u1", ">i2", ">i4", ">i8", ">f4", ">f8"), strict=True
    )
}
_CONSTANTS = {ord("Z"): None, ord("T"): True, ord("F"): False}
_STRING, _LIST, _OBJECT, _END, _OF_TYPE, _SIZE, _INT64 = b"S[{}$#L"


def read(saved: bytes | bytearray) -> Any:
    """Return what a document holds, its lists of numbers as arrays in its own order of bytes.

    Raises
    ------
    ValueError
        Where it is not as XGBoost writes it.
    """
    return _Reader(bytes(saved)).value()


class _Reader:
    def __init__(self, saved: bytes) -> None:
        self.saved, self.at = saved, 0

    def value(self) -> Any:
        marker = self._byte()
        if marker == _OBJECT:
            found = {}
            while self.saved[self.at] != _END:
                name = self._string()
                found[name] = self.value()
            self.at += 1
            return found
        if marker == _STRING:
            return self._string()
        if marker == _LIST:
            return self._list()
        if marker in _CONSTANTS:
            return _CONSTANTS[marker]
        return self._numbers(marker, 1)[0].item()

    def _list(self) -> Any:
        kind = self._byte()
        if kind == _OF_TYPE:
            of, kind = self._byte(), self._byte()
        else:
            of = None
        if kind != _SIZE:
            raise ValueError(f"a list must give its length; got {chr(kind)!r} at {self.at - 1}.")
        size = self._size()
        return [self.value() for _ in range(size)] if of is None else self._numbers(of, size)

    def _numbers(self, marker: int, size: int) -> Any:
        if marker not in _NUMBERS:
            raise ValueError(
                f"a value must be of a known kind; got {chr(marker)!r} at {self.at - 1}."
            )
        kind = _NUMBERS[marker]
        found = np.frombuffer(self.saved, kind, size, self.at)
        self.at += size * kind.itemsize
        return found

    def _string(self) -> str:
        size = self._size()
        self.at += size
        return self.saved[self.at - size : self.at].decode()

    def _size(self) -> int:
        """Read a length, which is written as a number of eight bytes."""
        if self.saved[self.at] != _INT64:
            raise ValueError(
                f"a length must be an int64; got {chr(self.saved[self.at])!r} at {self.at}."
            )
        self.at += 9
        return int.from_bytes(self.saved[self.at - 8 : self.at], "big")

    def _byte(self) -> int:
        self.at += 1
        return self.saved[self.at - 1]
