"""Read the lock, make it anew, and write the same set for conda: ``python -m tools.lock``."""

import argparse
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
UV_LOCK = ROOT / "tools" / "uv.lock"
CONDA = ROOT / "environment.yml"

# Extras of which nothing is locked; tools/torch.txt pins what their tests run with.
NOT_LOCKED = ("torch",)

HEADER = """\
# The set of requirements.lock for conda users; `make lock` writes it.
#   conda env create -f environment.yml
#   conda activate xaikit
#   pip install --no-deps {alone}
#   pip install --no-deps --no-build-isolation -e .
name: xaikit
channels:
  - conda-forge
dependencies:
  - python>=3.11,<3.14
  - pip
  - pip:
"""


@dataclass(frozen=True)
class Entry:
    """One package of the lock."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def version(self) -> str:
        """The one version that the entry allows."""
        (specifier,) = self.requirement.specifier
        return specifier.version


def read_lock(text: str) -> list[Entry]:
    """Return the entries of a lock in the form of pip's requirement files."""
    joined = re.sub(r"\\\n\s*", " ", text)
    entries = []
    for line in joined.splitlines():
        content = line.split(" #")[0].strip()
        if not content or content.startswith("#"):
            continue
        requirement, *hashes = re.split(r"\s+--hash=", content)
        entries.append(Entry(Requirement(requirement), tuple(h.strip() for h in hashes)))
    return entries


def extras() -> dict[str, list[str]]:
    """Return the extras of the package, and what each of them asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return dict(project["optional-dependencies"])


def alone() -> list[str]:
    """Return the packages that are locked without what they ask for."""
    uv = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]
    return [f"{package['name']}=={package['version']}" for package in uv["dependency-metadata"]]


def conda_environment(entries: list[Entry]) -> str:
    """Return ``environment.yml``: the lock's packages, versions and markers."""
    lines = []
    for entry in entries:
        # An environment's file cannot say --no-deps for one package: its header does.
        if f"{entry.requirement.name}=={entry.version}" in alone():
            continue
        marker = f" ; {entry.requirement.marker}" if entry.requirement.marker else ""
        # In double quotes: markers hold single ones.
        text = f"{entry.requirement.name}=={entry.version}{marker}".replace('"', "'")
        lines.append(f'      - "{text}"')
    return HEADER.format(alone=" ".join(alone())) + "\n".join(lines) + "\n"


def compile_lock(source: str, target: Path, *options: str) -> None:
    """Resolve a source for all platforms and Pythons at once, with hashes, without addresses."""
    fixed = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
    command = [sys.executable, "-m", "uv", "pip", "compile", source, *fixed, *options]
    subprocess.run(
        [*command, "--no-emit-index-url", "--quiet", "-o", str(target)], check=True, cwd=ROOT
    )


def main() -> int:
    """Make the lock and ``environment.yml`` anew."""
    parser = argparse.ArgumentParser(prog="python -m tools.lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    parser.add_argument("--conda-only", action="store_true", help="write environment.yml alone")
    options = parser.parse_args()
    if not options.conda_only:
        newest = ["--upgrade"] if options.upgrade else []
        compile_lock("pyproject.toml", LOCK, "--extra", "dev", *newest)
        compile_lock("tools/uv.in", UV_LOCK, *newest)
    entries = read_lock(LOCK.read_text(encoding="utf-8"))
    CONDA.write_text(conda_environment(entries), encoding="utf-8")
    print(f"{LOCK.name}: {len(entries)} packages; {CONDA.name} holds the same.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
