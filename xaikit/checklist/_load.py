"""Load a checklist."""

from __future__ import annotations

import os

from xaikit.checklist._checklist import Checklist
from xaikit.checklist._read import SHIPPED, read


def load(source: str | os.PathLike[str] | None = None, *, variant: str | None = None) -> Checklist:
    r"""Return a checklist: the one that comes with the package, or one of your own.

    Parameters
    ----------
    source : str or path, optional
        A file, or the YAML itself: a str that has a line break is taken as the text, any
        other as a path. Without it, the list that comes with the package.
    variant : str, optional
        What the model decides about: in the list of the package "credit", "hiring" or
        "health". It adds the questions and the law of this use. Without it, the questions
        that are asked of every model.

    Returns
    -------
    Checklist
        The list, checked.

    Raises
    ------
    TypeError
        If `source` is neither a str nor a path.
    ValueError
        If it is not a checklist: the line, the place, and what is wrong there. If it has
        no such variant.
    OSError
        If the file cannot be read.

    Notes
    -----
    ``checklist.schema.json``, beside the list that comes with the package, describes the
    form of the file and is what it is checked against. Only ``true`` and ``false`` are
    read as anything but text; tags, anchors and aliases are refused.

    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> [q.id for q in checklist.load().questions if q.level == "practical"][:3]
    ['better-than-today', 'model-card', 'reader-tested']
    >>> [q.id for q in checklist.load(variant="hiring").questions if q.variant]
    ['workers-informed', 'job-related', 'bias-audit', 'another-way']
    >>> checklist.load("format: my own\ntitle: Mine")
    Traceback (most recent call last):
    ValueError: source, line 1: format: must be 'xaikit.Checklist/2'; got 'my own'.
    """
    return Checklist(**read(SHIPPED if source is None else source, variant))
