"""Make ``.venv`` and ``node_modules`` hold just what the locks name.

``python3 tools/set_up.py`` does nothing, and needs no network, while both stand as the
locks say. It runs in the user's Python, before anything is installed: the standard
library alone, in a form that an old Python can read far enough to say it is too old.
"""

from __future__ import annotations  # so that an old Python reads the types as text

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # it is run as a file: nothing is installed yet

from tools.system import Missing, apt_install, can_apt, ensure_openmp  # noqa: E402  # the path comes first

VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
VENV_PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
PYTHONS = ((3, 11), (3, 12), (3, 13))


def main() -> int:
    """Set up what is not there yet; return the exit status."""
    try:
        check_python(sys.version_info[:2])
        set_up_venv()
        set_up_node()
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        command = " ".join(str(part) for part in error.cmd)
        print(f"Set-up stopped: {command} ended with {error.returncode}", file=sys.stderr)
        return 1
    return 0


def check_python(version: tuple[int, int]) -> None:
    """Raise Missing unless this Python is one that the lock covers."""
    if tuple(version) in PYTHONS:
        return
    names = [f"python{pair[0]}.{pair[1]}" for pair in PYTHONS]
    found = [name for name in names if shutil.which(name)]
    advice = f"make book PYTHON={found[0]}" if found else "install one and name it: PYTHON="
    raise Missing(
        "PYTHON must be Python 3.11, 3.12 or 3.13, "
        f"got {version[0]}.{version[1]} ({sys.executable}). Try: {advice}"
    )


def set_up_venv() -> None:
    """Install the lock and the package into ``.venv``, unless they are there."""
    stamp = VENV / "set-up.stamp"
    wanted = _hash(["requirements.lock", "pyproject.toml", "tools/uv.lock"], str(VENV))
    if _is(stamp, wanted) and VENV_PYTHON.exists():
        return
    ensure_openmp()
    if not _stands():
        _make_venv()
    print("Installing what requirements.lock names into .venv (some minutes, once).", flush=True)
    python = str(VENV_PYTHON)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--require-hashes", "-r", "tools/uv.lock"])
    uv = [python, "-m", "uv", "pip", "install", "--python", python]
    # uv leaves compiling to the first import. Where PYTHONDONTWRITEBYTECODE is set, as in many
    # containers, that keeps nothing: each process would parse TensorFlow anew, for 4 s.
    # The lock is whole: nothing is looked for beyond it.
    _run([*uv, "--no-deps", "--require-hashes", "--compile-bytecode", "-r", "requirements.lock"])
    _run([*uv, "--quiet", "--no-deps", "--no-build-isolation", "-e", "."])
    stamp.write_text(wanted, encoding="utf-8")


def set_up_node() -> None:
    """Install what package-lock.json names, with the Node that the venv brings."""
    if not (ROOT / "package-lock.json").is_file():
        return
    stamp = ROOT / "node_modules" / ".set-up.stamp"
    wanted = _hash(["package-lock.json", "package.json"], "")
    if _is(stamp, wanted):
        return
    print("Installing what package-lock.json names into node_modules.", flush=True)
    npm = BIN / ("npm.exe" if os.name == "nt" else "npm")
    _run([str(npm), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
    stamp.write_text(wanted, encoding="utf-8")


def _make_venv() -> None:
    if VENV.exists():
        shutil.rmtree(VENV)
    print(f"Making .venv with {sys.executable}.", flush=True)
    if not _has_ensurepip():
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if not can_apt():
            raise Missing(f"this Python makes no venv: sudo apt-get install {package}")
        apt_install([package])
    _run([sys.executable, "-m", "venv", str(VENV)])


def _has_ensurepip() -> bool:
    # Debian takes ensurepip out of its Python and puts it into a package of its own.
    status = subprocess.call([sys.executable, "-c", "import ensurepip"], stderr=subprocess.DEVNULL)
    return status == 0


def _stands() -> bool:
    """Tell whether ``.venv`` works, was made here, and has the Python that was asked for."""
    made = VENV / "pyvenv.cfg"
    if not VENV_PYTHON.exists() or not made.is_file():
        return False
    # Its programs name its place in their first line, which no installer writes again.
    if f" {VENV}\n" not in made.read_text(encoding="utf-8"):
        return False
    ask = "import sys, pip; print(sys.version_info[:2])"
    answer = subprocess.run([str(VENV_PYTHON), "-c", ask], capture_output=True, text=True)
    return answer.stdout.strip() == str(sys.version_info[:2])


def _run(command: list[str]) -> None:
    env = dict(os.environ, PATH=str(BIN) + os.pathsep + os.environ.get("PATH", ""))
    env["VIRTUAL_ENV"] = str(VENV)
    subprocess.run(command, check=True, cwd=ROOT, env=env)


def _hash(names: list[str], more: str) -> str:
    digest = hashlib.sha256(f"{sys.version_info[:2]} {more}".encode())
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _is(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


if __name__ == "__main__":
    sys.exit(main())
