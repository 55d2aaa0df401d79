"""One call for every attribution method."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core import parallel
from xaikit.core.checks import FloatArray, first_line, generator, one_of, whole_number
from xaikit.core.explanation import OUTPUT_SPACES, Explanation
from xaikit.core.tables import cells
from xaikit.inputs import network_rows as _network_inputs
from xaikit.inputs.rows import Table, checked_background, checked_rows, feature_names
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method, all_methods, methods_for
from xaikit.models.describe import describe
from xaikit.models.model import Model
from xaikit.models.target import choose_output, numeric_output

# How closely values that are called exact must add up to the prediction, as a share of the
# largest number among them: sums of some hundred trees in float32 come that close.
TOLERANCE = 1e-4


def explain(
    model: Any,
    X: pd.DataFrame | npt.ArrayLike,
    *,
    method: str = "auto",
    background: pd.DataFrame | npt.ArrayLike | None = None,
    output: Any = None,
    output_space: str | None = None,
    baseline: npt.ArrayLike | None = None,
    random_state: int | np.random.Generator | None = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
    **options: Any,
) -> Explanation:
    """Explain predictions of a model, row by row, in one shape for every method.

    "linear", "tree_shap", "exact_shapley" and "kernel_shap" give the Shapley values of the
    game in which the value of a coalition of features is the mean prediction when the other
    features are drawn from `background` (the interventional, or marginal, expectation).
    Every background row is used. "lime" and "occlusion" ask any model in their own ways;
    the methods for networks follow gradients, or cover parts of the row.

    Parameters
    ----------
    model : estimator, booster, network or callable
        A fitted scikit-learn style estimator, pipeline or search; a model or booster of
        XGBoost, LightGBM or CatBoost; a Keras 3 network on TensorFlow; a PyTorch module of
        one input; any object with ``predict``, or any callable ``f(X)`` that returns (n,) or
        (n, k).
    X : DataFrame or array-like of shape (n, d), or (n, ...) for a network
        The rows to explain, in any table that narwhals reads, with text, categories, dates
        and missing values where the model takes them. Columns are found by name where the
        model finds them so; otherwise they must be those that it was fitted with, in that
        order. Images are floats as the network learned them, words the whole numbers that
        it looks up in its Embedding layer.
    method : str
        "auto", "linear", "tree_shap", "exact_shapley", "kernel_shap", "lime" or
        "occlusion"; for networks "gradient", "gradient_x_input", "integrated_gradients",
        "smoothgrad", "grad_cam" and "occlusion". "auto" takes the first that is exact for
        the model and affordable (for a network of images or words integrated gradients),
        goes on to the next where one fails, and says which and why in ``explanation.why``;
        "lime" and "occlusion" must be asked for.
    background : DataFrame or array-like of shape (b, d), optional
        The rows that absent features are drawn from. Left out, `X` itself is used
        when it has at least 20 rows.
    output : label or int, optional
        The class label, or the column of a model or network with several outputs. Left
        out, the second of two classes; of more it must be named.
    output_space : {"prediction", "probability", "log-odds", "score"}, optional
        The scale. Left out, "prediction" for regressors and callables and "probability" for
        classifiers and networks that have it, save where a method works on the model's own
        scale and says so in ``explanation.why``. "score" is what a model gives before the
        sigmoid or softmax, or its decision function.
    baseline : float or array-like, optional
        What "gradient_x_input" and "integrated_gradients" start from, and what "occlusion"
        of networks fills with: a number, a number for each channel, a row, or a row for each
        row of X. Left out, 0; for words the word 0.
    random_state : int or numpy.random.Generator, optional
        For methods that draw. The same seed gives the same numbers.
    n_jobs : int, optional
        Rows are spread over this many workers by joblib; -1 takes every core. Under
        ``joblib.parallel_config(backend="dask")`` they are spread over a cluster.
    progress : bool, optional
        True shows a bar for work of more than two seconds, False none. Left out, it is
        shown in a terminal or notebook, where tqdm is installed (extra ``methods``).
    **options
        Those of the method: ``help(xaikit.methods.lime.explain)`` says which "lime" takes
        and what it gives beside its values, and so for every other.

    Returns
    -------
    Explanation
        Values (n, d), base values (n,), predictions (n,), and how they were made.

    Raises
    ------
    TypeError
        When `model` is neither fitted estimator nor callable, when `X` or
        `background` holds text outside a DataFrame or images hold whole numbers, or an
        option is unknown or of another type.
    ValueError
        When `X`, `background` or `baseline` is empty, not finite or has another shape or
        other columns than the model takes; when the model is not fitted, returns the
        wrong shape or has no gradient; when an output, scale, layer or method does not
        exist or does not fit the model; when values that are called exact do not add up.
    ImportError
        When shap or lime is needed and missing; the extra ``methods`` brings it.

    Notes
    -----
    What is called exact adds up to the prediction within 1e-4 of the largest number among
    predictions, base values and values, or is refused. A method that is refused, or a model
    that gives nothing to explain, is told with what to use instead.

    Taught in: local/shapley, local/shap, local/lime, deep/saliency.

    References
    ----------
    .. [1] Lundberg, S. M. and Lee, S.-I. (2017). A unified approach to interpreting
       model predictions. https://doi.org/10.48550/arXiv.1705.07874

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> background = np.array([[0.0, 0.0], [2.0, 4.0]])
    >>> e = xk.explain(lambda X: X[:, 0] * X[:, 1], [[3.0, 5.0]], background=background)
    >>> e.values
    array([[6., 5.]])
    >>> e.base_values, e.predictions
    (array([4.]), array([15.]))
    >>> e.method, e.estimated
    ('exact_shapley', False)
    """
    _check_arguments(method, output_space, random_state, n_jobs, progress)
    described = describe(model, X)
    rows = checked_rows("X", X, described)
    asked = Asked(
        rows=rows,
        background=background,
        baseline=baseline,
        output=output,
        output_space=output_space,
        random_state=random_state,
        n_jobs=n_jobs,
        progress=progress,
        options=options,
    )
    if method == "auto":
        found, task, result, why = _first_that_works(described, asked)
    else:
        found = _named(method, described)
        refusal = found.refuse(described, output_space, rows.shape[1])
        if refusal is not None:
            raise ValueError(refusal)
        task, result, from_where = _explained(found, described, asked)
        why = ["The method was asked for.", _scale_note(task, output_space), from_where]
    if result.warning:
        warnings.warn(result.warning, stacklevel=2)
    target = task.target
    return Explanation(
        values=result.values,
        base_values=result.base_values,
        predictions=_predictions(task, result),
        data=cells(rows),
        feature_names=_names(X, rows, described),
        output_name=target.name,
        output_space=target.space,
        method=found.name,
        why=" ".join(filter(None, [*why, result.note])),
        estimated=result.estimated,
        diagnostics=result.diagnostics,
        index=X.index if isinstance(X, pd.DataFrame) else None,
        channels=_channels(described, rows),
    )


@dataclass(frozen=True)
class Asked:
    """What `explain` was asked, besides the model and the method."""

    rows: Any
    background: Any
    baseline: Any
    output: Any
    output_space: str | None
    random_state: object
    n_jobs: int | None
    progress: bool | None
    options: dict[str, Any]


def _check_arguments(
    method: str, output_space: str | None, random_state: object, n_jobs: object, progress: object
) -> None:
    one_of("method", method, list(dict.fromkeys(["auto", *(m.name for m in all_methods())])))
    if output_space is not None:
        one_of("output_space", output_space, OUTPUT_SPACES)
    generator(random_state)
    if n_jobs is not None and n_jobs != -1:
        whole_number("n_jobs", n_jobs, low=1)
    parallel.check_progress(progress)


def _named(method: str, model: Model) -> Method:
    """Return a method by its name, or refuse one for other rows than the model takes."""
    methods = methods_for(model)
    if method not in methods:
        raise ValueError(
            f"method must be one of {', '.join(map(repr, methods))} for a network of images or "
            f"words; got {method!r}."
            if not model.is_table
            else f"method must be one of {', '.join(map(repr, methods))}; got {method!r}."
        )
    return methods[method]


def _first_that_works(model: Model, asked: Asked) -> tuple[Method, Task, Attribution, list[str]]:
    """Explain by the first method of "auto" that neither refuses nor fails, and say why."""
    n_features = asked.rows.shape[1]
    failed: list[str] = []
    candidates = [
        (method, reason)
        for method in methods_for(model).values()
        if method.rank is not None
        and (reason := method.reason(model, n_features)) is not None
        and method.refuse(model, asked.output_space, n_features) is None
    ]
    # An option is meant for the first method that takes it.
    meant = [pair for pair in candidates if set(asked.options) <= set(pair[0].options)]
    candidates = meant or candidates[:1]
    for method, reason in candidates:
        try:
            task, result, from_where = _explained(method, model, asked)
        except Exception as error:
            # A wrong argument is wrong for the last method too, and is then raised.
            if method is candidates[-1][0] or isinstance(error, TypeError | ImportError):
                raise
            failed.append(f"Tried first, {method.name} failed: {first_line(error).rstrip('.')}.")
        else:
            note = _scale_note(task, asked.output_space)
            return method, task, result, [reason, *failed, note, from_where]
    raise AssertionError("kernel_shap and integrated_gradients refuse no model")


def _explained(method: Method, model: Model, asked: Asked) -> tuple[Task, Attribution, str]:
    """Explain by one method; return what it was given, what it gave, where it starts from."""
    _check_options(method, asked.options)
    reference, from_where = _reference(method, model, asked)
    space = asked.output_space or method.default_space(model)
    target = choose_output(model, space, asked.output, asked.rows[:1])
    task = Task(
        model, target, asked.rows, reference, asked.random_state, asked.n_jobs, asked.progress
    )
    result = method.explain(task, **asked.options)
    if method.adds_up and not result.estimated:
        predictions = _predictions(task, result)
        _check_sum(method, model, predictions, result)
        result = result._replace(predictions=predictions)
    return task, result, from_where


def _predictions(task: Task, result: Attribution) -> FloatArray:
    asked = task.target(task.rows) if result.predictions is None else result.predictions
    return numeric_output(asked, len(task.rows))


def _check_sum(method: Method, model: Model, predictions: FloatArray, result: Attribution) -> None:
    """Refuse values that are said to be exact and miss the prediction."""
    off = np.abs(predictions - result.base_values - result.values.sum(axis=1)).max()
    parts = (predictions, result.base_values, result.values)
    scale = max(float(np.abs(part).max()) for part in parts)
    if off > TOLERANCE * scale:
        raise ValueError(
            f"model must be what method={method.name!r} takes it for; the attributions of this "
            f"{model.name} miss the prediction by {off:.3g}, where the largest number is "
            f"{scale:.3g}. Use method='exact_shapley' or 'kernel_shap'."
        )


def _scale_note(task: Task, asked: str | None) -> str:
    model, space = task.model, task.target.space
    if asked is not None or space == model.default_space:
        return ""
    if model.kind == "network":
        return f"The values are in {space}, as the method is defined."
    return f"The values are in {space}, the scale on which the parts of {model.name} add up."


def _names(X: Any, rows: Table, model: Model) -> tuple[str, ...] | None:
    # A network's rows are an array also where they were given in a DataFrame.
    if model.network is not None:
        return _network_inputs.feature_names(X, model.network)
    return feature_names(rows, model)


def _channels(model: Model, rows: Table) -> str | None:
    """Return where a network has the channels of its rows; None of rows without any."""
    return model.network.channels if model.network is not None and rows.ndim > 2 else None


def _reference(method: Method, model: Model, asked: Asked) -> tuple[Table | None, str]:
    """Return the checked background or baseline, None without one, and where it is from."""
    wanted = method.reference(asked.options)
    given = {"background": asked.background, "baseline": asked.baseline}
    for name, value in given.items():
        if value is not None and name != wanted:
            instead = " A baseline is given as baseline=." if method.needs_network else ""
            raise ValueError(
                f"{name} must be left out with {_words(method, asked.options)}, which does not "
                f"use it; got {_size(value)}.{instead}"
            )
    if method.needs_network and asked.n_jobs not in (None, 1):
        raise ValueError(
            f"n_jobs must be left out with method={method.name!r}: a network's library uses every "
            f"core itself; got {asked.n_jobs}."
        )
    if wanted == "background":
        return checked_background(asked.background, asked.rows, model)
    if wanted is None:
        return None, ""
    name, start = _start(asked.baseline, asked.options.get("fill"))
    assert model.network is not None  # else the method has refused the model
    return _network_inputs.baseline(start, np.asarray(asked.rows), model.network, name)


def _words(method: Method, options: dict[str, Any]) -> str:
    """Name a method as it was asked for, with the option that decides what it draws from."""
    option = options.get("feature_perturbation")
    return f"method={method.name!r}" if option is None else f"feature_perturbation={option!r}"


def _size(value: Any) -> str:
    return f"{len(value)} rows" if hasattr(value, "__len__") else f"{value!r}"


def _start(baseline: Any, fill: Any) -> tuple[str, Any]:
    """Return what stands in for what is not there, by the name under which it was given."""
    if fill is None:
        return "baseline", baseline
    if baseline is not None:
        raise ValueError(
            "fill must be left out where baseline is given, as both say what stands in for "
            f"what is covered; got {type(fill).__name__} and {type(baseline).__name__}."
        )
    return "fill", fill


def _check_options(method: Method, options: dict[str, Any]) -> None:
    known = method.options
    for name in options:
        if name not in known:
            takes = f"takes {', '.join(map(repr, known))}" if known else "takes no options"
            raise TypeError(f"method {method.name!r} {takes}; got the option {name!r}.")
