"""One call for every attribution method."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core import parallel
from xaikit.core.checks import generator, one_of, whole_number
from xaikit.core.explanation import OUTPUT_SPACES, Explanation
from xaikit.inputs import network_rows as _network_inputs
from xaikit.inputs import rows as _inputs
from xaikit.methods import tree_shap
from xaikit.methods.registry import METHODS, NETWORK_METHODS, Method, is_for_networks, methods_for
from xaikit.methods.task import Task
from xaikit.models import model as _models


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
    one_of("method", method, list(dict.fromkeys(["auto", *METHODS, *NETWORK_METHODS])))
    if output_space is not None:
        one_of("output_space", output_space, OUTPUT_SPACES)
    generator(random_state)
    if n_jobs is not None and n_jobs != -1:
        whole_number("n_jobs", n_jobs, low=1)
    parallel.check_progress(progress)

    described = _models.describe(model)
    rows = _inputs.rows("X", X, described)
    chosen, reason = _choose(method, described, output_space, rows.shape[1])
    methods = methods_for(described)
    _check_options(methods[chosen], chosen, options)
    reference, from_where = _reference(
        chosen,
        described,
        rows,
        background=background,
        baseline=baseline,
        n_jobs=n_jobs,
        options=options,
    )
    space = output_space or methods[chosen].default_space(described)

    target = _models.target(described, space, output, rows[:1])
    task = Task(described, target, rows, reference, random_state, n_jobs, progress)
    result = methods[chosen].explain(task, **options)
    predictions = target(rows) if result.predictions is None else result.predictions
    return Explanation(
        values=result.values,
        base_values=result.base_values,
        predictions=_models.numeric_output(predictions, len(rows)),
        data=np.asarray(rows),
        feature_names=_names(X, rows, described),
        output_name=target.name,
        output_space=space,
        method=chosen,
        why=" ".join(
            filter(
                None,
                [*reason, *_scale_note(output_space, space, described), from_where, result.note],
            )
        ),
        estimated=result.estimated,
        diagnostics=result.diagnostics,
    )


def _choose(
    method: str, model: _models.Model, output_space: str | None, n_features: int
) -> tuple[str, list[str]]:
    """Return the method, and the sentence that says why."""
    if method != "auto":
        _check_kind(method, model)
        refusal = methods_for(model)[method].refuse(model, output_space, n_features)
        if refusal is not None:
            raise ValueError(refusal)
        return method, ["The method was asked for."]
    if not model.is_table:
        return "integrated_gradients", [
            "Of the methods for networks, this one's values add up to the prediction."
        ]
    if METHODS["linear"].refuse(model, output_space, n_features) is None:
        return "linear", [
            f"{model.name} is linear, so its Shapley values follow exactly from its weights."
        ]
    if METHODS["tree_shap"].refuse(model, output_space, n_features) is None:
        return "tree_shap", [
            f"{model.name} is made of trees, whose Shapley values can be computed exactly."
        ]
    if 2**n_features <= 2048 + 2 * n_features:
        return "exact_shapley", [
            f"{n_features} features make {2**n_features} coalitions, few enough to ask them all."
        ]
    return "kernel_shap", [
        f"{n_features} features make 2**{n_features} coalitions, too many to ask them all, so a "
        "sample of them is asked and the values are estimates."
    ]


def _scale_note(asked: str | None, space: str, model: _models.Model) -> list[str]:
    if asked is not None or space == model.default_space:
        return []
    if model.kind == "network":
        return [f"The values are in {space}, as the method is defined."]
    return [f"The values are in {space}, the scale on which the parts of {model.name} add up."]


def _names(X: Any, rows: _inputs.Table, model: _models.Model) -> tuple[str, ...] | None:
    # A network's rows are an array also where they were given in a DataFrame.
    if model.network is not None:
        return _network_inputs.feature_names(X, model.network)
    return _inputs.feature_names(rows, model)


def _check_kind(method: str, model: _models.Model) -> None:
    """Refuse a method for tables where the network takes images or words."""
    if not model.is_table and method not in NETWORK_METHODS:
        raise ValueError(
            f"method must be one of {', '.join(map(repr, NETWORK_METHODS))} for a network of "
            f"images or words; got {method!r}."
        )


def _reference(
    method: str,
    model: _models.Model,
    rows: _inputs.Table,
    *,
    background: Any,
    baseline: Any,
    n_jobs: int | None,
    options: dict[str, Any],
) -> tuple[_inputs.Table | None, str]:
    """Return the checked background or baseline, None without one, and where it is from."""
    found = methods_for(model)[method]
    if is_for_networks(found):
        if n_jobs not in (None, 1):
            raise ValueError(
                f"n_jobs must be left out with method={method!r}: TensorFlow uses every core "
                f"itself; got {n_jobs}."
            )
        if background is not None:
            raise ValueError(
                f"background must be left out with method={method!r}, which does not use it; "
                f"got {len(background)} rows. A baseline is given as baseline=."
            )
        if found.uses_baseline:
            name, start = _start(baseline, options.get("fill"))
            assert model.network is not None  # the method would have refused it
            return _network_inputs.baseline(start, np.asarray(rows), model.network, name)
    if baseline is not None:
        raise ValueError(
            f"baseline must be left out with method={method!r}, which does not use it; got "
            f"{type(baseline).__name__}."
        )
    if is_for_networks(found):
        return None, ""
    if options.get("feature_perturbation") != tree_shap.PATH_DEPENDENT:
        return _inputs.background(background, rows, model)
    if background is not None:
        raise ValueError(
            f"background must be left out with feature_perturbation={tree_shap.PATH_DEPENDENT!r}, "
            f"which does not use it; got {len(background)} rows."
        )
    return None, "The training rows counted in the trees take the place of a background."


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


def _check_options(found: Method, method: str, options: dict[str, Any]) -> None:
    parameters = inspect.signature(found.explain).parameters.values()
    known = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    for name in options:
        if name not in known:
            takes = f"takes {', '.join(map(repr, known))}" if known else "takes no options"
            raise TypeError(f"method {method!r} {takes}; got the option {name!r}.")
