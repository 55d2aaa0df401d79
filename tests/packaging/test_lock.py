"""One lock for every platform and Python, and the same set for conda."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock import NOT_LOCKED, alone, conda_environment, extras, read_lock

PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "mac": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
    "windows": {
        "sys_platform": "win32",
        "platform_system": "Windows",
        "platform_machine": "AMD64",
    },
}
OS_NAMES = {"linux": "posix", "mac": "posix", "windows": "nt"}
PYTHONS = ("3.11", "3.12", "3.13")
TARGETS = [
    {**PLATFORMS[platform], "os_name": OS_NAMES[platform], "python_version": python}
    | {"python_full_version": f"{python}.5", "implementation_name": "cpython"}
    | {"platform_python_implementation": "CPython"}
    for platform, python in itertools.product(PLATFORMS, PYTHONS)
]


@pytest.fixture(scope="module")
def lock_text():
    return (Path(__file__).parents[2] / "requirements.lock").read_text()


@pytest.fixture(scope="module")
def lock(lock_text):
    return read_lock(lock_text)


def declared(repository):
    """Return every requirement of the package and its locked extras, the package left out."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    locked = [asked for name, asked in extras().items() if name not in NOT_LOCKED]
    groups = [project["dependencies"], *locked]
    requirements = [Requirement(text) for group in groups for text in group]
    return [r for r in requirements if r.name != project["name"]]


def test_each_package_has_one_version(lock):
    names = [canonicalize_name(entry.requirement.name) for entry in lock]
    assert len(names) > 100
    assert sorted(names) == sorted(set(names))
    for entry in lock:
        assert re.fullmatch(r"==[^,*]+", str(entry.requirement.specifier)), entry


def test_every_entry_is_hashed(lock, repository):
    for entry in [*lock, *read_lock((repository / "tools" / "uv.lock").read_text())]:
        assert entry.hashes, entry.requirement
        for value in entry.hashes:
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", value)


@pytest.mark.parametrize(
    "name",
    [
        "requirements.lock",
        "environment.yml",
        "tools/uv.lock",
        "package-lock.json",
        "pyproject.toml",
        "tools/torch.txt",
    ],
)
def test_no_lock_holds_an_address(repository, name):
    text = (repository / name).read_text()
    assert re.findall(r"\w+://[^\s\"]+", text) == []
    assert not re.search(r"--(extra-)?index-url|--find-links|\s@\s|\"resolved\"", text)


@pytest.mark.parametrize(
    "target", TARGETS, ids=lambda t: f"{t['sys_platform']}-{t['python_version']}"
)
def test_what_is_declared_is_locked_for_each_platform_and_python(lock, repository, target):
    def holds(marker: Marker | None) -> bool:
        return marker is None or marker.evaluate({**target, "extra": ""})

    locked = {canonicalize_name(e.requirement.name): e for e in lock if holds(e.requirement.marker)}
    for requirement in declared(repository):
        if not holds(requirement.marker):
            continue
        entry = locked.get(canonicalize_name(requirement.name))
        assert entry is not None, f"{requirement} is not locked here"
        assert requirement.specifier.contains(entry.version, prereleases=True), requirement


def test_what_is_left_out_of_the_lock_is_in_none_of_it(lock):
    assert set(NOT_LOCKED) <= set(extras())
    names = {canonicalize_name(entry.requirement.name) for entry in lock}
    for extra in NOT_LOCKED:
        own = {canonicalize_name(Requirement(text).name) for text in extras()[extra]}
        assert own
        assert not own & names
        # No other extra brings it in by its name.
        assert not [text for asked in extras().values() for text in asked if f"[{extra}" in text]


def test_what_is_installed_is_what_is_locked(lock):
    from importlib.metadata import version

    here = [entry for entry in lock if (m := entry.requirement.marker) is None or m.evaluate()]
    found = {entry.requirement.name: version(entry.requirement.name) for entry in here}
    assert found == {entry.requirement.name: entry.version for entry in here}


@pytest.mark.slow
def test_conda_users_get_the_same_set(lock, repository):
    text = (repository / "environment.yml").read_text()
    *_, pip = yaml.safe_load(text)["dependencies"]
    for_conda = {(r.name, str(r.specifier), str(r.marker)) for r in map(Requirement, pip["pip"])}
    for_pip = {
        (r.name, str(r.specifier), str(r.marker))
        for r in (entry.requirement for entry in lock)
        if f"{r.name}{r.specifier}" not in alone()
    }
    assert f"#   pip install --no-deps {' '.join(alone())}\n" in text
    assert for_conda == for_pip
    assert text == conda_environment(lock), "stale: run `make lock`"


def test_conda_has_the_pythons_of_the_package(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    environment = yaml.safe_load((repository / "environment.yml").read_text())
    assert f"python{project['requires-python']}" in environment["dependencies"]


def test_the_lock_reader_reads_what_pip_reads():
    text = (
        "# a comment\n"
        "one==1.0 ; sys_platform == 'linux' \\\n"
        "    --hash=sha256:aa \\\n"
        "    --hash=sha256:bb\n"
        "    # via two\n"
        "two==2.0\n"
    )
    one, two = read_lock(text)
    assert (one.requirement.name, one.version, one.hashes) == (
        "one",
        "1.0",
        ("sha256:aa", "sha256:bb"),
    )
    assert (two.version, two.hashes, two.requirement.marker) == ("2.0", (), None)
