"""One call for every attribution method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core import parallel
from xaikit.core.checks import FloatArray, generator, one_of, whole_number
from xaikit.core.explanation import OUTPUT_SPACES, Explanation
from xaikit.inputs import network_rows as _network_inputs
from xaikit.inputs.rows import Table, checked_background, checked_rows, feature_names
from xaikit.methods.registry import Method, all_methods, methods_for
from xaikit.methods.task import Attribution, Task
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
    game in which a coalition of features is worth the mean prediction when the other
    features are drawn from `background` (the interventional, or marginal, expectation).
    Every background row is used. "lime" and "occlusion" ask any model in their own ways;
    the methods for Keras networks follow gradients, or cover parts of the row.

    Parameters
    ----------
    model : estimator or callable
        A fitted scikit-learn style estimator or pipeline, an XGBClassifier or
        XGBRegressor, a Keras 3 network on TensorFlow, or any callable ``f(X)`` that
        returns (n,) or (n, k).
    X : DataFrame or array-like of shape (n, d), or (n, ...) for a network
        The rows to explain. A DataFrame must have the columns the model was fitted
        with, in that order. Images are floats (n, height, width, channels) as the
        network learned them; words are whole numbers (n, length) that it looks up in its
        Embedding layer.
    method : str
        "auto", "linear", "tree_shap", "exact_shapley", "kernel_shap", "lime" or
        "occlusion"; for Keras networks "gradient", "gradient_x_input",
        "integrated_gradients", "smoothgrad", "grad_cam" and "occlusion". "auto" takes the
        first that is exact for the model and affordable (for a network of images or words
        integrated gradients), and says which and why in ``explanation.why``; "lime" and
        "occlusion" must be asked for.
    background : DataFrame or array-like of shape (b, d), optional
        The rows that absent features are drawn from. Left out, `X` itself is used
        when it has at least 20 rows.
    output : label or int, optional
        The class label, or the column of a model or network with several outputs. Left
        out, the second of two classes; of more it must be named.
    output_space : {"prediction", "probability", "log-odds", "score"}, optional
        The scale. Left out, "prediction" for regressors and callables and
        "probability" for classifiers, save where the method works on the model's own
        scale: "log-odds" (two classes) or "score" (more; the class's score before
        the softmax) for linear models by "linear" and boosted trees by "tree_shap". For
        networks "probability" where they end in a softmax or sigmoid ("score" by
        "grad_cam", which is defined on it), else "prediction"; "score" is what goes into
        the softmax or sigmoid.
    baseline : float or array-like, optional
        Where the way to the row begins, for "gradient_x_input" and "integrated_gradients",
        and what "occlusion" of networks fills with: a number, one a channel, a row, or a
        row for each row of X. Left out, 0; for words the word 0.
    random_state : int or numpy.random.Generator, optional
        For methods that draw. The same seed gives the same numbers.
    n_jobs : int, optional
        Rows are spread over this many workers by joblib; -1 takes every core. Under
        ``joblib.parallel_config(backend="dask")`` they are spread over a cluster.
    progress : bool, optional
        True shows a bar for work of more than two seconds, False none. Left out, it is
        shown in a terminal or notebook, where tqdm is installed (extra ``methods``).
    **options
        ``n_samples`` for "kernel_shap" (default 2048 + 2 d);
        ``feature_perturbation`` for "tree_shap", "interventional" (default) or
        "tree_path_dependent", which asks the trees in place of a background;
        for "lime" ``n_samples`` (5000), ``n_features`` (None: all), ``kernel_width``
        (None: 0.75 sqrt(d)), ``discretize_continuous`` (True) and ``n_repeats`` (1);
        for "integrated_gradients" ``n_steps`` (None: until ``tolerance``, 1e-3 of the
        output, is met); for "smoothgrad" ``n_samples`` (50) and ``noise`` (0.1, the standard
        deviation as a share of the row's range); for "grad_cam" ``layer`` (None: the last
        convolution); for "occlusion" of images and words ``patch_size`` and ``stride``,
        whole numbers or one for each side, and one more for the channels where they are to
        be covered apart (None: an eighth of the side, one word; and no overlap), and
        ``fill``, in place of `baseline`.

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
        exist or does not fit the model.
    ImportError
        When shap or lime is needed and missing; the extra ``methods`` brings it.

    Notes
    -----
    "lime" fits a weighted line around each row. A value is the coefficient times the row's
    scaled value, (x - mean) / standard deviation over the background, or 1 for a category
    or a bin; the base value is the intercept, so the residual is the line's error at the
    row. ``diagnostics`` has "coefficients" (n, d) in lime's units; "r2" (n,), the weighted
    R² of the line; "effective_samples" (n,), how many drawn rows the kernel leaves, as
    (Σw)² / Σw²; and for ``n_repeats`` > 1, where all of these are means over that many
    seeds, "spread" (n, d), the standard deviation of the coefficients between them: a sign
    within two spreads of zero is not to be relied on. Numbers are drawn as real numbers,
    whole ones too; text, categories and booleans by their levels. For the same random
    numbers the features and coefficients are those of the lime library, save in bins of a
    single value, where lime asks the model about 0 in its place.

    "occlusion" gives each feature f(x) - E[f(x with the feature drawn from the
    background)], and E[f] as base value. The values add up to the prediction for additive
    models only; the residual shows what they miss of the others.

    Drawing for a row depends on `random_state` and the row alone: neither the order of
    the rows nor `n_jobs` changes the numbers of "lime" and "smoothgrad".

    "gradient" is the slope of the output at the row, "smoothgrad" its mean over noisy
    copies of the row. Slopes add up to nothing: the base value is 0 and the residual says
    nothing. "gradient_x_input" is slope times distance from the baseline, and
    "integrated_gradients" takes the slope on average along the straight way from there
    (midpoint rule; ``diagnostics["n_steps"]``, (n,), says how many steps): their base value
    is the output at the baseline, and the residual how far they are from adding up. For
    words the distance is between their vectors, whose parts are added up, padding stays
    padding, and "gradient" and "smoothgrad" give the length of the slope, which has no sign.

    "grad_cam" adds up the maps of a convolution, each times its mean gradient, cuts off what
    is below 0, and stretches the result over the row (linearly between the middles of the
    cells, flat beyond the outer ones). It shows where the maps saw what speaks for the
    output, not which of these places the network then reads. The map has no channels: each
    of c channels gets map / c, so that their sum is the map. It adds up to nothing, as slopes
    do. ``diagnostics["map"]`` is the map before it is stretched.

    "occlusion" of images and words covers a patch at a time. What that costs,
    f(x) - f(x covered), is spread evenly over the patch, channels too; a pixel gets the mean
    over the patches on it. The base value is f(all covered). For additive networks the
    values add up, as long as the stride divides the patch; the residual shows the rest. Rows
    of two axes are taken for steps with channels, and a patch spans the channels; give a
    pair for pictures without channels.

    Taught in: local/shapley, local/shap, local/lime, deep/saliency.

    References
    ----------
    .. [1] Lundberg, S. M. and Lee, S.-I. (2017). A unified approach to interpreting
       model predictions. https://doi.org/10.48550/arXiv.1705.07874
    .. [2] Lundberg, S. M. et al. (2020). From local explanations to global
       understanding with explainable AI for trees. Nature Machine Intelligence 2,
       56-67. https://doi.org/10.1038/s42256-019-0138-9
    .. [3] Štrumbelj, E. and Kononenko, I. (2014). Explaining prediction models and
       individual predictions with feature contributions. Knowledge and Information
       Systems 41, 647-665. https://doi.org/10.1007/s10115-013-0679-x

    .. [4] Ribeiro, M. T., Singh, S. and Guestrin, C. (2016). "Why should I trust you?":
       explaining the predictions of any classifier. KDD, 1135-1144.
       https://doi.org/10.1145/2939672.2939778

    .. [5] Sundararajan, M., Taly, A. and Yan, Q. (2017). Axiomatic attribution for deep
       networks. ICML. https://doi.org/10.48550/arXiv.1703.01365

    .. [6] Smilkov, D. et al. (2017). SmoothGrad: removing noise by adding noise.
       https://doi.org/10.48550/arXiv.1706.03825

    .. [7] Selvaraju, R. R. et al. (2017). Grad-CAM: visual explanations from deep networks
       via gradient-based localization. ICCV, 618-626.
       https://doi.org/10.1109/ICCV.2017.74

    .. [8] Zeiler, M. D. and Fergus, R. (2014). Visualizing and understanding convolutional
       networks. ECCV, 818-833. https://doi.org/10.1007/978-3-319-10590-1_53

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
    target = task.target
    return Explanation(
        values=result.values,
        base_values=result.base_values,
        predictions=_predictions(task, result),
        data=np.asarray(rows),
        feature_names=_names(X, rows, described),
        output_name=target.name,
        output_space=target.space,
        method=found.name,
        why=" ".join(filter(None, [*why, result.note])),
        estimated=result.estimated,
        diagnostics=result.diagnostics,
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
            failed.append(f"Tried first, {method.name} failed: {_first_line(error)}")
        else:
            note = _scale_note(task, asked.output_space)
            return method, task, result, [reason, *failed, note, from_where]
    raise AssertionError("kernel_shap and integrated_gradients refuse no model")


def _first_line(error: Exception) -> str:
    text = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return text[:200] + ("" if text.endswith(".") else ".")


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
            f"n_jobs must be left out with method={method.name!r}: TensorFlow uses every core "
            f"itself; got {asked.n_jobs}."
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
