"""Hand numbers of a chapter's run to its prose."""

from __future__ import annotations

from importlib.util import find_spec
from numbers import Integral, Real

from xaikit.course._display import in_ipython


def put(**numbers: float) -> None:
    """Hand numbers of this run to the text of a chapter, by name.

    The text then shows them with the role ``glue:text``, in the format that it asks for:
    ``{glue:text}`auc:.2f```. So prose and run cannot disagree.

    Parameters
    ----------
    **numbers : float or int
        The numbers. Numbers of numpy become Python's own, as a format needs them; an int
        stays an int.

    Raises
    ------
    TypeError
        If one is not a single real number.

    Notes
    -----
    A chapter may be run as a notebook too. Where `myst-nb` is not installed, or outside
    IPython, there is no page to hand numbers to, and nothing is done.

    Taught in: foundations/global-and-local.

    Examples
    --------
    >>> put(auc=0.7312, rows=250)
    """
    for name, number in numbers.items():
        if not isinstance(number, Real):
            raise TypeError(f"{name} must be a number; got {type(number).__name__}")
    # Outside IPython myst-nb would start a shell that the whole process then runs in.
    if not in_ipython() or find_spec("myst_nb") is None:
        return
    from myst_nb import glue

    for name, number in numbers.items():
        whole = isinstance(number, Integral)
        glue(name, int(number) if whole else float(number), display=False)
