"""Networks from files, of which nothing runs.

A ``.keras`` file is a zip: a description of the layers in JSON, and their weights. Keras'
own ``safe_mode`` refuses lambda layers. A description can do more: name any function of any
module, have a layer read another file or fetch one. So what a file may name is listed here,
and all else is refused before Keras sees it.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from xaikit.core.checks import require

MOST_BYTES = 2**28
_MOST_JSON = 2**22
_MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
# Where Keras keeps what only holds, draws or works out numbers.
_PLAIN = {
    *("keras.initializers", "keras.regularizers", "keras.constraints", "keras.losses"),
    *("keras.metrics", "keras.optimizers", "keras.optimizers.schedules"),
}
# Where our own layers are, and where they were when older files were written.
_OWN_MODULES = {"xaikit.networks._keras_layers", "xaikit.attention._keras_layers"}
_MODELS = {
    *(("keras", "Sequential"), ("keras", "Functional"), ("keras", "Model")),
    *(("keras", "DTypePolicy"), ("keras.src.models.functional", "Functional")),
}
# Operations on tensors that a functional model may hold between its layers.
_OPERATIONS = {"keras.src.ops.numpy", "keras.src.ops.nn"}
_LAYERS = {
    *("InputLayer", "Dense", "Embedding", "Activation", "Softmax", "ReLU", "LeakyReLU", "ELU"),
    *("PReLU", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose"),
    *("SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D", "DepthwiseConv2D"),
    *("MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "AveragePooling1D", "AveragePooling2D"),
    *("GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalAveragePooling1D"),
    *("GlobalAveragePooling2D", "GlobalAveragePooling3D", "BatchNormalization"),
    *("LayerNormalization", "GroupNormalization", "UnitNormalization", "Rescaling"),
    *("Dropout", "SpatialDropout1D", "SpatialDropout2D", "GaussianNoise", "GaussianDropout"),
    *("MultiHeadAttention", "GroupQueryAttention", "Attention", "AdditiveAttention", "Masking"),
    *("SimpleRNN", "LSTM", "GRU", "LSTMCell", "GRUCell", "SimpleRNNCell", "Bidirectional"),
    *("TimeDistributed", "Reshape", "Flatten", "Permute", "RepeatVector", "ZeroPadding1D"),
    *("ZeroPadding2D", "Cropping1D", "Cropping2D", "UpSampling1D", "UpSampling2D"),
    *("Concatenate", "Average", "Maximum", "Minimum", "Add", "Subtract", "Multiply", "Dot"),
}


def load(path: str | Path) -> Any:
    """Load a Keras network from a file, and run nothing that the file says.

    Parameters
    ----------
    path : str or Path
        A ``.keras`` file, as ``model.save("name.keras")`` writes it.

    Returns
    -------
    keras.Model
        Not compiled: it predicts and can be explained, and is compiled anew for training.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    FileNotFoundError
        When there is no such file.
    ValueError
        When the file is no ``.keras`` file, is too large or damaged, or names anything but
        plain layers: a lambda layer, a function or class of any other module, a layer that
        reads or fetches files; or when its weights point outside the file.

    Notes
    -----
    The layers that may occur are listed in this module, the transformer's own of
    `xaikit.attention` among them. Pickled models and the older ``.h5`` format are refused:
    to read them is to run them.

    Taught in: deep/saliency, deep/attention.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from xaikit import networks
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "small.keras"
    ...     networks.cnn((8, 8, 1), 2, random_state=0).save(path)
    ...     networks.load(path).count_params()
    14114
    """
    path = Path(path)
    content = _content(path)
    _check_description(path.name, _description(path.name, content))
    require("tensorflow", extra="deep")
    import keras

    from xaikit.networks._keras_layers import own_layers

    _check_weights(path.name, content)
    # What was checked is what is read, whatever becomes of the file meanwhile.
    with tempfile.TemporaryDirectory() as folder:
        checked = Path(folder) / "model.keras"
        checked.write_bytes(content)
        try:
            return keras.saving.load_model(
                checked, custom_objects=own_layers(), compile=False, safe_mode=True
            )
        except (KeyError, TypeError, ValueError, OSError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
            raise ValueError(
                f"path must be a whole .keras file; Keras cannot read {path.name!r}: {reason}"
            ) from error


def _content(path: Path) -> bytes:
    if not path.exists():
        raise FileNotFoundError(f"path must be a .keras file; there is no {str(path)!r}.")
    if path.suffix != ".keras" or not path.is_file():
        what = "a folder" if path.is_dir() else f"{path.name!r}"
        raise ValueError(
            f"path must be a .keras file, as model.save('name.keras') writes it; got {what}. "
            "Other formats can run code when they are read."
        )
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(f"path must be a file of at most {MOST_BYTES:,} bytes; got {size:,}.")
    return path.read_bytes()


def _description(name: str, content: bytes) -> Any:
    """Return the description of the layers, from a zip that holds nothing odd."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_members(name, archive.infolist())
            return json.loads(archive.read("config.json"))
    except zipfile.BadZipFile:
        raise ValueError(f"path must be a .keras file, which is a zip; {name!r} is none.") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ValueError(
            f"path must hold a description in JSON; that of {name!r} is none."
        ) from None


def _check_members(name: str, members: list[zipfile.ZipInfo]) -> None:
    names = sorted(member.filename for member in members)
    if names != sorted(_MEMBERS):
        odd = [each for each in names if each not in _MEMBERS] or names
        raise ValueError(
            f"path must hold {', '.join(sorted(_MEMBERS))}, each once, and nothing else; "
            f"{name!r} holds {odd[0]!r}."
            if odd
            else f"path must hold {', '.join(sorted(_MEMBERS))}; {name!r} is empty."
        )
    for member in members:
        most = MOST_BYTES if member.filename.endswith(".h5") else _MOST_JSON
        if member.file_size > most:
            raise ValueError(
                f"path must hold at most {most:,} bytes in {member.filename}; {name!r} says "
                f"{member.file_size:,}."
            )


def _check_description(name: str, description: Any) -> None:
    """Refuse a description that names anything but what is listed above."""
    waiting = [description]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if "class_name" in part:
                _check_named(name, part)
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _check_named(name: str, part: dict[str, Any]) -> None:
    module, what = part.get("module"), part["class_name"]
    registered = part.get("registered_name")
    if module is None and what == "__keras_tensor__":
        return
    if isinstance(module, str) and isinstance(what, str):
        own = module in _OWN_MODULES and registered == f"xaikit>{what}"
        keras_own = registered in (None, what) and (
            module in _PLAIN
            or (module, what) in _MODELS
            or (module == "keras.layers" and what in _LAYERS)
            or module in _OPERATIONS
        )
        # Operations are classes: a function of the same module would be called by its name.
        if own or (keras_own and what[:1].isupper()):
            return
    if what == "Lambda":
        raise ValueError(
            f"path must hold no lambda layer, which is code of its maker's; {name!r} has one. "
            "Build the model anew and load its weights alone."
        )
    raise ValueError(
        f"path must hold plain Keras layers only; {name!r} names {what!r} of {module!r}"
        f"{'' if registered in (None, what) else f' as {registered!r}'}."
    )


def _check_weights(name: str, content: bytes) -> None:
    """Refuse weights that stand in, or are taken from, another file."""
    import h5py

    def check(where: str, group: Any) -> None:
        for key in group:
            link = group.get(key, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise ValueError(
                    f"path must hold its own weights; {name!r} has a link at {where + key!r}."
                )
            item = group[key]
            if isinstance(item, h5py.Group):
                check(f"{where}{key}/", item)
            elif item.external or item.is_virtual:
                raise ValueError(
                    f"path must hold its own weights; those at {where + key!r} of {name!r} "
                    "stand in another file."
                )
            # Weights of any size pack into few bytes, or none where nothing was written.
            elif item.dtype.kind not in "biuf" or item.nbytes > MOST_BYTES:
                raise ValueError(
                    f"path must hold weights that are numbers, of at most {MOST_BYTES:,} bytes; "
                    f"those at {where + key!r} of {name!r} are {item.dtype} of shape {item.shape}."
                )

    try:
        with (
            zipfile.ZipFile(BytesIO(content)) as archive,
            h5py.File(BytesIO(archive.read("model.weights.h5")), "r") as weights,
        ):
            check("/", weights)
    except (OSError, RuntimeError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"path must hold weights in HDF5; those of {name!r} cannot be read: {error}"
        ) from error
