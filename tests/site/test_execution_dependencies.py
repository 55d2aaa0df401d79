"""Which modules code can reach: the half of a chapter's key that its text does not show."""

import pytest

from tools.dependencies import Package

INIT = """
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xaikit import games, plot
    from xaikit.course.claim import claim

__version__ = "1"
_HOME = {"claim": "_claim"}


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(f"xaikit.{_HOME[name]}"), name)
    return importlib.import_module(f"xaikit.{name}")
"""

FILES = {
    "__init__.py": INIT,
    "_claim.py": "def claim(text, holds): ...",
    "games.py": "def glove():\n    from xaikit._exact import shapley\n    return shapley()",
    "_exact.py": "from . import _coalitions",
    "_coalitions.py": "import numpy",
    "alone.py": "",
    "plot/__init__.py": "from xaikit.plot._bar import bar",
    "plot/_bar.py": "from .. import _coalitions\nfrom ._style import colours",
    "plot/_style.py": "",
    "plot/colours.csv": "red",
    "data/__init__.py": "",
    "data/table.csv": "1",
}


@pytest.fixture
def package(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "xaikit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Package(tmp_path / "xaikit")


GAMES = {"games", "_exact", "_coalitions"}
PLOT = {"plot", "plot._bar", "plot._style", "_coalitions"}
EVERYTHING = {"_claim", "alone", "data", *GAMES, *PLOT}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["import xaikit as xk", "xk.claim('a', True)"], {"_claim"}),
        (["import xaikit", "xaikit.claim('a', True)"], {"_claim"}),
        (["import xaikit as xk\nxk.__version__"], set()),
        (["import xaikit as xk", "xk.games.glove()"], GAMES),
        (["import xaikit.games"], GAMES),
        (["import xaikit.games as g"], GAMES),
        (["from xaikit.games import glove"], GAMES),
        (["from xaikit import games"], GAMES),
        (["def later():\n    from xaikit import games"], GAMES),
        (["from xaikit import claim, plot", "plot.bar(1)"], {"_claim", *PLOT}),
        (["import xaikit as xk", "xk.plot.bar(1)"], PLOT),
        (["import importlib; importlib.import_module('xaikit.alone')"], {"alone"}),
        (["%matplotlib inline\nimport xaikit as xk", "!ls", "xk.claim"], {"_claim"}),
        (["import xaikit as xk", "import numpy as np"], set()),
    ],
)
def test_names_lead_to_their_modules(package, cells, expected):
    assert package.used_by(cells) == {"xaikit", *(f"xaikit.{name}" for name in expected)}


def test_code_without_the_package_uses_none_of_it(package):
    assert package.used_by(["import numpy as np", "np.ones(3)"]) == set()


@pytest.mark.parametrize(
    "cell",
    [
        "from xaikit import *",
        "import xaikit as xk\ngetattr(xk, 'cla' + 'im')",
        "import xaikit as xk\nhelp(xk)",
        "import xaikit as xk\nxk.unknown",
        "import xaikit.unknown",
        "import importlib\nimportlib.import_module(name)",
        "%%time\nimport xaikit as xk\nxk.games",
        "import xaikit as xk\n%timeit xk.games.glove()",
        "import xaikit as xk\n%time worth = xk.games.glove()",
        "for x in:",
    ],
)
def test_what_the_text_does_not_settle_is_everything(package, cell):
    assert package.used_by([cell]) == {"xaikit", *(f"xaikit.{name}" for name in EVERYTHING)}


def test_a_helper_imports_what_its_callers_name(package):
    helper = "import importlib\ndef need(library):\n    return importlib.import_module(library)"
    (package.root / "_helper.py").write_text(helper)
    (package.root / "caller.py").write_text(
        "from xaikit._helper import need\nneed('shap')\nneed('xaikit.alone')"
    )
    assert Package(package.root).used_by(["import xaikit.caller"]) == {
        "xaikit",
        "xaikit.caller",
        "xaikit._helper",
        "xaikit.alone",
    }


def test_a_helper_that_is_called_with_a_variable_is_everything(package):
    helper = "import importlib\ndef need(library):\n    return importlib.import_module(library)"
    (package.root / "_helper.py").write_text(helper)
    (package.root / "caller.py").write_text("from xaikit._helper import need\nneed(some)")
    changed = Package(package.root)
    assert changed.used_by(["import xaikit._helper"]) == set(changed.modules)


def test_a_prefix_leads_to_all_that_begin_with_it(package):
    (package.root / "pick.py").write_text(
        "import importlib\ndef pick(name):\n    importlib.import_module(f'xaikit.plot._{name}')"
    )
    used = Package(package.root).used_by(["import xaikit.pick"])
    assert used - {"xaikit", "xaikit.pick"} == {f"xaikit.{name}" for name in PLOT}


def test_tables_count_with_the_package_they_lie_in(package):
    plot = package.used_by(["import xaikit.plot"])
    games = package.used_by(["import xaikit.games"])
    assert [path.name for path in package.data_files(plot)] == ["colours.csv"]
    assert package.data_files(games) == []


def test_every_public_name_of_the_real_package_is_resolved(repository):
    import xaikit

    package = Package(repository / "xaikit")
    for name in xaikit.__all__:
        used = package.used_by(["import xaikit as xk", f"xk.{name}"])
        assert {"xaikit"} < used < set(package.modules), name
