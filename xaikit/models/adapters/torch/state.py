"""A module asked in evaluation mode, and left as it was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from xaikit.models.adapters.torch.structure import device

# The mode of a module is one for all threads.
_ASKING = threading.RLock()


@contextmanager
def undisturbed(module: Any, *, gradients: bool = False) -> Iterator[None]:
    """Have a module answer as in use, without dropout and with the statistics it has learned.

    Flags are set one by one and not by `eval`, which some modules do more in than that.
    Whatever the module draws in spite of it comes off the generators, which are put back;
    nothing is compiled, as what is compiled cannot be watched.
    """
    where = device(module)
    drawn_from = [where] if where.type == "cuda" else []
    with (
        _ASKING,
        torch.random.fork_rng(devices=drawn_from),
        torch.inference_mode(False),
        torch.set_grad_enabled(gradients),
        torch.compiler.set_stance("force_eager"),
        # cuDNN's recurrent layers have no gradient in evaluation mode.
        torch.backends.cudnn.flags(enabled=not (gradients and _is_recurrent(module))),
    ):
        modes = [(part, part.training) for part in module.modules()]
        try:
            for part, _ in modes:
                part.training = False
            yield
        finally:
            for part, mode in modes:
                part.training = mode


def _is_recurrent(module: Any) -> bool:
    return any(isinstance(part, torch.nn.RNNBase) for part in module.modules())
