"""Make ``.venv-torch``, in which the tests of PyTorch run: ``python -m tools.torch_env``.

It holds torch and its peer, which are not in the lock, and sees the packages of the lock
where the Python that runs this has them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tools.system import Missing

ROOT = Path(__file__).resolve().parent.parent
ENV = ROOT / ".venv-torch"
PINS = ROOT / "tools" / "torch.txt"


def python() -> Path:
    """Return the Python of the environment, whether it is there or not."""
    return ENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def stands() -> bool:
    """Tell whether the environment is there as it is wanted now."""
    stamp = ENV / "set-up.stamp"
    return python().exists() and stamp.is_file() and stamp.read_text(encoding="utf-8") == _wanted()


def ensure() -> None:
    """Make the environment unless it stands; raise Missing where that cannot be done."""
    if stands():
        return
    print(
        f"Making {ENV.name} with torch for the tests of PyTorch (some minutes, once).", flush=True
    )
    if ENV.exists():
        shutil.rmtree(ENV)
    try:
        _run(sys.executable, "-m", "venv", str(ENV))
        (_packages_of_env() / "locked.pth").write_text(_packages_here() + "\n", encoding="utf-8")
        pip = [str(python()), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        _run(*pip, "install", "-r", str(PINS))
        _run(str(python()), "-c", "import torch, captum, numpy, pytest")
    except subprocess.CalledProcessError as error:
        raise Missing(
            f"The tests of PyTorch need an environment of their own, {ENV.name}, with what "
            f"tools/{PINS.name} names, and it could not be made: {' '.join(error.cmd)} ended with "
            f"{error.returncode}. It needs the network, or a pip that is set up for a mirror."
        ) from error
    (ENV / "set-up.stamp").write_text(_wanted(), encoding="utf-8")


def _wanted() -> str:
    given = f"{sys.version} {ENV} {_packages_here()} {PINS.read_text(encoding='utf-8')}"
    return hashlib.sha256(given.encode()).hexdigest()


def _packages_here() -> str:
    return sysconfig.get_path("purelib")


def _packages_of_env() -> Path:
    paths = {"base": str(ENV), "platbase": str(ENV)}
    return Path(sysconfig.get_path("purelib", vars=paths))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=ROOT)


if __name__ == "__main__":
    try:
        ensure()
    except Missing as missing:
        sys.exit(str(missing))
