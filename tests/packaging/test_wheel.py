"""The wheel in a venv of its own, with the base dependencies and nothing else."""

import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock import read_lock

pytestmark = pytest.mark.slow


def run(*command, cwd=None):
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


def base_closure(repository):
    """Return the names that the package's own dependencies bring, in this environment."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    queue = [Requirement(text) for text in project["dependencies"]]
    seen = set()
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and name not in seen:
            seen.add(name)
            queue.extend(Requirement(text) for text in requires(name) or [])
    return seen


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, request):
    repository = request.config.rootpath
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--wheel", "--no-isolation", "--outdir", folder]
    run(sys.executable, "-m", "build", *options, repository)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def bare_python(wheel, tmp_path_factory, request):
    """A Python that has the wheel and, from the lock, its base dependencies."""
    repository = request.config.rootpath
    folder = tmp_path_factory.mktemp("bare")
    names = base_closure(repository)
    lines = [
        f"{e.requirement} " + " ".join(f"--hash={h}" for h in e.hashes)
        for e in read_lock((repository / "requirements.lock").read_text())
        if canonicalize_name(e.requirement.name) in names
    ]
    (folder / "base.txt").write_text("\n".join(lines))
    uv = [sys.executable, "-m", "uv"]
    run(*uv, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    scripts, name = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
    python = folder / "venv" / scripts / name
    install = [*uv, "pip", "install", "--quiet", "--no-deps", "--python", python]
    base = [*install, "--require-hashes", "-r", folder / "base.txt"]
    # The set-up has left the same files in uv's cache: the network is the second choice.
    if subprocess.run([*base, "--offline"], capture_output=True).returncode:
        run(*base)
    run(*install, "--offline", wheel)
    return python


def test_the_wheel_holds_what_the_package_reads(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "xaikit/py.typed" in names
    assert "xaikit/datasets/data/german_credit.csv" in names
    assert "xaikit/checklist/data/deployment-2.0.0.yaml" in names
    assert "xaikit/datasets/data/movie_snippets.csv" in names
    assert "xaikit/datasets/data/README.md" in names  # the licences beside the data
    assert "xaikit/checklist/data/checklist.schema.json" in names
    assert "xaikit/course/grading/templates/class.html" in names
    assert "xaikit/networks/weights/mnist_cnn.keras" in names
    for name in ("lab.md", "lab.ipynb", "checks.py"):
        assert f"xaikit/_labs/l03_shapley/{name}" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"xaikit"}
    assert not [name for name in names if "test" in name or "__pycache__" in name]


def test_the_command_comes_with_the_wheel(bare_python, tmp_path):
    """Its help needs no more than the base; what grading lacks it says in words."""
    command = bare_python.with_name("xaikit.exe" if sys.platform == "win32" else "xaikit")
    assert "exit code:" in run(command, "grade", "--help", cwd=tmp_path)
    (tmp_path / "ada.ipynb").write_text('{"nbformat": 4}')
    grade = [command, "grade", "ada.ipynb", "--lab", "l03", "--out", "grades.csv"]
    done = subprocess.run(grade, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "xaikit grade: error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_lab_is_opened_from_the_wheel(bare_python, tmp_path):
    command = bare_python.with_name("xaikit.exe" if sys.platform == "win32" else "xaikit")
    said = run(command, "lab", "l03", cwd=tmp_path)
    assert "pip install jupyterlab" in said
    copy = tmp_path / "labs-of-mine" / "l03_shapley"
    code = """
import xaikit as xk
lab = xk.labs.open("l03")
print(lab.check("q1").status, lab.hint("q1").heading, lab.solution("q1").heading)
settled = {"violin": 43, "drum": 22, "voice": 55}
print(lab.check("q1").status, Path(".progress.json").is_file())
"""
    (copy / "use.py").write_text("from pathlib import Path\n" + code)
    first, second = run(bare_python, "use.py", cwd=copy).splitlines()
    assert first.startswith("unanswered q1: hint 1 of 3")
    assert second == "correct True"


def test_the_base_dependencies_are_enough(bare_python, tmp_path):
    code = """
import importlib.util
import xaikit as xk
from pathlib import Path
assert ".venv" not in xk.__file__ and "site-packages" in xk.__file__, xk.__file__
assert importlib.util.find_spec("shap") is None
from sklearn.linear_model import LinearRegression
print(xk.games.shapley_values(xk.games.glove()).round(6).tolist())
data = xk.datasets.german_credit()
print(len(data.X))
train = xk.datasets.planted_linear(n_samples=50, random_state=0)
model = LinearRegression().fit(train.X, train.y)
for method in ("linear", "exact_shapley"):
    e = xk.explain(model, train.X[:3], method=method, background=train.X)
    print(bool(abs(e.residual).max() < 1e-9))
"""
    (tmp_path / "use.py").write_text(code)
    said = run(bare_python, tmp_path / "use.py", cwd=tmp_path).splitlines()
    assert said == ["[0.166667, 0.166667, 0.666667]", "1000", "True", "True"]


@pytest.mark.parametrize(("method", "library"), [("tree_shap", "numba"), ("kernel_shap", "shap")])
def test_a_missing_library_is_named_with_its_extra(bare_python, tmp_path, method, library):
    code = f"""
import xaikit as xk
from sklearn.ensemble import RandomForestRegressor
data = xk.datasets.planted_linear(n_samples=50, random_state=0)
model = RandomForestRegressor(n_estimators=2, random_state=0).fit(data.X, data.y)
try:
    xk.explain(model, data.X[:3], method={method!r}, background=data.X, random_state=0)
except ImportError as error:
    print(error)
"""
    (tmp_path / "use.py").write_text(code)
    said = run(bare_python, tmp_path / "use.py", cwd=tmp_path)
    assert f"{library} is needed" in said
    assert 'pip install "xaikit[methods]"' in said
