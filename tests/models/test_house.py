"""Only the adapter of a library knows that library, and a new one is one new file."""

import ast
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from sklearn.utils import all_estimators

import xaikit as xk
import xaikit.methods
import xaikit.models.adapters
from xaikit.methods.registry import all_methods
from xaikit.models.adapters import adapter_of

PACKAGE = Path(xk.__file__).parent
ADAPTERS = PACKAGE / "models" / "adapters"
# The rooms that build Keras networks, and look inside them, on purpose.
OF_KERAS = [PACKAGE / room for room in ("networks", "attention")]
# Scripts that train the models which chapters speak of. Nothing imports them.
STUDIES = PACKAGE / "course" / "studies"
MODEL_LIBRARIES = {"xgboost", "lightgbm", "catboost", "keras", "tensorflow", "torch"}


def modules(*, without):
    return [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if not any(folder in path.parents for folder in without)
    ]


def class_names():
    """Return the names of the classes whose instances are models, in every library."""
    import catboost
    import keras
    import lightgbm
    import xgboost

    names = {name for name, kind in all_estimators() if hasattr(kind, "predict")}
    for library in (catboost, lightgbm, xgboost, keras.layers):
        names |= {name for name in dir(library) if isinstance(getattr(library, name), type)}
    # Words that are also plain English.
    return names - {
        "Dataset",
        "Layer",
        "Dot",
        "Add",
        "Input",
        "Pool",
        "Average",
        "Maximum",
        "Minimum",
    }


def texts(tree):
    """Return the string constants of a module that are not docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    }


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


@pytest.mark.slow
def test_only_an_adapter_spells_the_class_names_of_a_library():
    names = class_names()
    assert {"RandomForestClassifier", "XGBClassifier", "LGBMRegressor", "Conv2D"} <= names
    spelled = {
        str(path.relative_to(PACKAGE)): found
        for path in modules(without=[ADAPTERS, *OF_KERAS])
        if (found := texts(ast.parse(path.read_text(encoding="utf-8"))) & names)
    }
    assert spelled == {}


def test_only_an_adapter_imports_a_library_of_models():
    importing = {
        str(path.relative_to(PACKAGE)): found
        for path in modules(without=[ADAPTERS, STUDIES, *OF_KERAS])
        if (found := set(imported(ast.parse(path.read_text(encoding="utf-8")))) & MODEL_LIBRARIES)
    }
    assert importing == {}


@pytest.fixture
def new_file(tmp_path, monkeypatch):
    """Add one file to a package for as long as a test takes."""

    def add(package, name, text):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
        importlib.invalidate_caches()
        monkeypatch.delitem(sys.modules, f"{package.__name__}.{name}", raising=False)

    yield add
    for name in [n for n in sys.modules if n.endswith((".toylib", ".half"))]:
        del sys.modules[name]


def test_a_new_library_is_one_file(new_file):
    assert adapter_of("of no library") is None  # what was found before must not be all there is
    new_file(
        xaikit.models.adapters,
        "toylib",
        '''
        """A library of models that double a column."""

        from xaikit.models.model import Model, Scale


        def describe(model, describe_inner):
            return Model("Doubler", "regressor", model, model.ask, {"prediction": Scale(model.ask)})
        ''',
    )

    class Doubler:
        def ask(self, rows):
            return 2.0 * rows[:, 0]

    Doubler.__module__ = "toylib.models"
    rows = np.arange(8.0).reshape(4, 2)
    e = xk.explain(Doubler(), rows, background=rows[:2])
    assert e.values.tolist() == [[-2, 0], [2, 0], [6, 0], [10, 0]]


def test_what_is_no_method_does_not_look_like_one():
    files = {file.name for file in pkgutil.iter_modules(xaikit.methods.__path__)}
    methods = {method.explain.__module__.rpartition(".")[2] for method in all_methods()}
    assert {name for name in files if not name.startswith("_")} - methods == {"explain", "registry"}


def test_a_new_method_is_one_file(new_file):
    new_file(
        xaikit.methods,
        "half",
        '''
        """Half of the distance to the background, to whichever model."""

        import numpy as np

        from xaikit.methods._task import Attribution
        from xaikit.methods.registry import Method


        def explain(task, *, share=0.5):
            """Return a share of the distance."""
            values = share * (task.rows - task.background.mean(axis=0))
            return Attribution(values, np.zeros(len(values)), estimated=True)


        METHOD = Method("half", explain)
        ''',
    )
    assert "half" in [method.name for method in all_methods()]
    rows = np.array([[2.0, 4.0]])
    e = xk.explain(lambda X: X[:, 0], rows, method="half", background=np.zeros((1, 2)), share=0.25)
    assert (e.method, e.values.tolist()) == ("half", [[0.5, 1.0]])
    with pytest.raises(TypeError, match="'half' takes 'share'; got the option 'depth'"):
        xk.explain(lambda X: X[:, 0], rows, method="half", background=rows, depth=1)


@pytest.mark.parametrize("method", all_methods(), ids=lambda m: f"{m.name} of {m.rows[0]}")
def test_a_method_documents_its_options_and_its_source(method):
    text = inspect.getdoc(method.explain)
    documented = set(re.findall(r"^(\w+) : ", text, flags=re.M))
    assert documented == set(method.options)
    assert "https://doi.org/" in text
