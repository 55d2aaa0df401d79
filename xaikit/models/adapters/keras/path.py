"""The gradients along straight paths, added up in the graph.

What comes out is one gradient a row and not one a point. Where a network begins with a
convolution, what comes back to it is added up before it goes through: that is linear, and
costs as much as all the other layers where the pictures are large and their channels few.
"""

from __future__ import annotations

from typing import Any

_PRECISE = ("float32", "float64")
_ATTRIBUTES = ("strides", "dilations", "explicit_paddings")


def points(origin: Any, end: Any, shares: Any) -> Any:
    """Return the points at all shares of the ways, (shares * n, ...), share by share."""
    import tensorflow as tf

    along = tf.reshape(shares, (-1, *(1,) * origin.shape.rank))
    return tf.reshape(origin + along * (end - origin), (-1, *origin.shape[1:]))


def total(output: Any, entry: Any, rows_shape: Any) -> Any:
    """Return the gradient of an output at each point, added up over the shares: (n, ...).

    None where there is no gradient.
    """
    import tensorflow as tf

    def added(gradient: Any) -> Any:
        shape = (-1, rows_shape[0], *gradient.shape[1:])
        return tf.reduce_sum(tf.reshape(gradient, shape), axis=0)

    first = _convolution(entry)
    (found,) = tf.gradients(output, entry if first is None else first.outputs[0])
    if found is None:
        return None
    found = added(tf.convert_to_tensor(found))
    return found if first is None else _through(first, found, rows_shape)


def _convolution(entry: Any) -> Any:
    """Return the convolution that alone takes the points, as they are, or None."""
    users = entry.consumers()
    while len(users) == 1 and users[0].type == "Identity":
        entry = users[0].outputs[0]
        users = entry.consumers()
    if len(users) != 1 or users[0].type != "Conv2D" or users[0].inputs[0] is not entry:
        return None
    return users[0] if entry.dtype.name in _PRECISE else None


def _through(convolution: Any, gradient: Any, shape: Any) -> Any:
    import tensorflow as tf

    return tf.raw_ops.Conv2DBackpropInput(
        input_sizes=shape,
        filter=convolution.inputs[1],
        out_backprop=gradient,
        padding=convolution.get_attr("padding").decode(),
        data_format=convolution.get_attr("data_format").decode(),
        **{name: convolution.get_attr(name) for name in _ATTRIBUTES},
    )
