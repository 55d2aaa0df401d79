"""What a PyTorch module and its layers tell without a run."""

from __future__ import annotations

import inspect
from typing import Any

# By how the names of torch's own layers begin: where these have the channels of what they take.
_CHANNELS_FIRST = (
    *("Conv", "MaxPool", "AvgPool", "LPPool", "FractionalMaxPool", "AdaptiveAvgPool"),
    *("AdaptiveMaxPool", "BatchNorm", "SyncBatchNorm", "InstanceNorm", "GroupNorm", "Upsample"),
)
_FEATURES_LAST = (
    *("Linear", "LayerNorm", "RMSNorm", "RNN", "LSTM", "GRU", "MultiheadAttention"),
    *("Transformer", "Embedding"),
)


def checked(model: Any) -> Any:
    """Return the module, without `torch.compile` around it, or say why it cannot be explained."""
    import torch

    if not isinstance(model, torch.nn.Module):
        raise TypeError(
            f"model must be a torch.nn.Module, or a function of rows; got {type(model).__name__}."
        )
    module = getattr(model, "_orig_mod", model)
    name = type(module).__name__
    if any(isinstance(part, torch.jit.ScriptModule) for part in module.modules()):
        raise ValueError(
            f"model must be a module whose layers can be seen at work, not one of torch.jit; got "
            f"{name}. Explain the module that it was made from, or the function lambda X: "
            "model(torch.as_tensor(X)).detach().numpy() by method='kernel_shap'."
        )
    if any(isinstance(part, torch.nn.parameter.UninitializedTensorMixin) for part in _all(module)):
        raise ValueError(
            f"model must have all its weights before it is explained; got {name} with lazy layers "
            "that have none yet. Call it on data once."
        )
    _check_takes_one_input(module)
    return module


def _check_takes_one_input(module: Any) -> None:
    parameters = inspect.signature(module.forward).parameters.values()
    needed = [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    if len(needed) > 1 or not any(p.kind is not p.KEYWORD_ONLY for p in parameters):
        raise ValueError(
            f"model must have one input; got {type(module).__name__}, whose forward takes "
            f"{', '.join(needed) or 'none'}. Explain a function in its place, such as lambda X: "
            "model(torch.as_tensor(X[:, :3]), torch.as_tensor(X[:, 3:])).detach().numpy(), of one "
            "table of all columns, by method='kernel_shap'."
        )


def _all(module: Any) -> Any:
    yield from module.parameters()
    yield from module.buffers()


def number_type(module: Any) -> Any:
    """Return the type of float that a module computes in, that of its first weights."""
    import torch

    for each in _all(module):
        if each.is_floating_point():
            return each.dtype
    return torch.get_default_dtype()


def device(module: Any) -> Any:
    """Return where a module computes, by its first weights."""
    import torch

    return next((each.device for each in _all(module)), torch.device("cpu"))


def is_convolution(layer: Any) -> bool:
    """Say whether a layer is one of torch's convolutions, transposed ones too."""
    return _is(layer, ("Conv",)) and hasattr(layer, "in_channels")


def channel_position(layer: Any) -> int | None:
    """Return where a layer has the channels of a row, 0 or -1; None where it does not tell."""
    if _is(layer, _CHANNELS_FIRST):
        return 0
    return -1 if _is(layer, _FEATURES_LAST) else None


def wanted_shape(layer: Any, n_axes: int) -> tuple[int | None, ...] | None:
    """Return the shape of a row that a layer takes, None for a side that may have any size."""
    if is_convolution(layer):
        return (layer.in_channels, *(None,) * len(layer.kernel_size))
    if _is(layer, ("BatchNorm",)):
        return (layer.num_features, *(None,) * (n_axes - 1))
    last = getattr(layer, "in_features", None) or getattr(layer, "input_size", None)
    if last is None or not _is(layer, _FEATURES_LAST):
        return None
    # A recurrent layer takes steps; a linear one whatever stands before its features.
    return (*(None,) * max(n_axes - 1, int(hasattr(layer, "batch_first"))), last)


def _is(layer: Any, beginnings: tuple[str, ...]) -> bool:
    return any(
        kind.__module__.startswith("torch.nn.") and kind.__name__.startswith(beginnings)
        for kind in type(layer).__mro__
    )
