"""The tensors of a file that ``torch.save`` wrote, read without torch; nothing in it runs.

Such a file, in the form from before 2020, is a row of pickles: a magic number, a version,
what machine wrote it, the tensors by name, and the keys of their storages, whose bytes
follow. A pickle can call whatever it can name. Here it can name an ordered dictionary, a
kind of numbers and a tensor, and nothing else.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from io import BytesIO
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

_MAGIC, _VERSION = 0x1950A86A20F9469CFC6C, 1001
_KINDS = {"FloatStorage": "<f4", "LongStorage": "<i8"}


class _Tensor(NamedTuple):
    """Where the numbers of a tensor stand: in a storage, from a place on, so far apart."""

    key: str
    kind: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> _Tensor:
    """Stand in for ``torch._utils._rebuild_tensor_v2``."""
    key, kind = storage
    return _Tensor(key, kind, offset, shape, strides)


class _TensorsOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _KINDS:
            return _KINDS[name]
        raise ValueError(f"names {name!r} of {module!r}, which is no tensor")

    def persistent_load(self, pid: Any) -> tuple[str, str]:
        what, kind, key, _, _, view = pid
        if what != "storage" or view is not None or kind not in _KINDS.values():
            raise ValueError(f"holds {what!r}, which is no storage of its own")
        return key, kind


def read_tensors(content: bytes) -> dict[str, NDArray[Any]]:
    """Return the tensors of a file by their names.

    Parameters
    ----------
    content : bytes
        The file.

    Returns
    -------
    dict of str to ndarray
        Copies, as float32 or int64.

    Raises
    ------
    ValueError
        If the file is of another form, is cut short, or holds anything but tensors.
    """
    file = BytesIO(content)
    try:
        magic, version, machine, tensors, keys = (_TensorsOnly(file).load() for _ in range(5))
        if (magic, version) != (_MAGIC, _VERSION) or not machine["little_endian"]:
            raise ValueError("is not of the form of torch.save before 2020, little end first")
        kinds = {each.key: each.kind for each in tensors.values()}
        storages = {key: _storage(file, kinds[key]) for key in keys}
        return {name: _numbers(storages[each.key], each) for name, each in tensors.items()}
    except (pickle.UnpicklingError, EOFError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"content must be a whole file of tensors; {error}") from error
    except ValueError as error:
        raise ValueError(f"content must be a file of tensors alone; it {error}") from error


def _storage(file: BytesIO, kind: str) -> NDArray[Any]:
    size = int.from_bytes(file.read(8), "little")
    # What a size says is not believed: no more is read than the file has.
    content = file.read(size * np.dtype(kind).itemsize)
    if len(content) != size * np.dtype(kind).itemsize:
        raise EOFError(f"{size:,} numbers are announced, and the file ends before")
    return np.frombuffer(content, kind)


def _numbers(storage: NDArray[Any], tensor: _Tensor) -> NDArray[Any]:
    _, kind, offset, shape, strides = tensor
    last = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
    # Nothing outside the storage, and no small storage unfolded to a large tensor.
    if min((offset, *shape, *strides)) < 0 or max(last + 1, prod(shape)) > len(storage):
        raise ValueError(f"has a tensor of shape {shape} that does not lie in its storage")
    steps = [step * np.dtype(kind).itemsize for step in strides]
    return as_strided(storage[offset:], shape, steps, writeable=False).copy()
