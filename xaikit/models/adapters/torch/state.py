"""A module asked in evaluation mode, and left as it was."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
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
    on_cuda = where.type == "cuda"
    parts = list(module.modules())
    # cuDNN's recurrent layers have no gradient in evaluation mode.
    recurrent = on_cuda and gradients and any(isinstance(part, torch.nn.RNNBase) for part in parts)
    with (
        _ASKING,
        torch.random.fork_rng(devices=[where] if on_cuda else []),
        torch.inference_mode(False),
        torch.set_grad_enabled(gradients),
        _nothing_compiled(),
        torch.backends.cudnn.flags(enabled=False) if recurrent else nullcontext(),
    ):
        training = [part for part in parts if part.training]
        try:
            for part in training:
                part.training = False
            yield
        finally:
            for part in training:
                part.training = True


def _nothing_compiled() -> AbstractContextManager[Any]:
    # Loading the compiler takes seconds, and what was compiled has loaded it.
    if "torch._dynamo" not in sys.modules:
        return nullcontext()
    stance: AbstractContextManager[Any] = torch.compiler.set_stance("force_eager")
    return stance
