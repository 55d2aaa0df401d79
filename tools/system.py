"""Programs that no Python package brings: find them, or install them where that is allowed.

It runs before the venv exists, so it needs the standard library alone.
"""

from __future__ import annotations  # so that an old Python reads the types as text

import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


class Missing(Exception):
    """A program is not there; the message says what to install."""


def find_chromium() -> str | None:
    """Return the path of a Chromium: ``CHROMIUM`` if set, else one on the PATH."""
    named = os.environ.get("CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise Missing(f"CHROMIUM must name a program, got {named!r}")
        return found
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        if found:
            return found
    return str(MAC_CHROME) if MAC_CHROME.is_file() else None


def find_bubblewrap() -> str | None:
    """Return the path of ``bwrap``, in which the answers of a class are graded."""
    return shutil.which("bwrap")


def find_java() -> str | None:
    """Return the path of ``java``, on which the HTML checker runs."""
    return shutil.which("java")


def ensure_openmp() -> None:
    """Install the OpenMP runtime of GCC where it is absent: LightGBM's wheel brings none."""
    if sys.platform != "linux" or find_library("gomp") is not None:
        return
    if not can_apt():
        raise Missing("LightGBM needs libgomp.so.1: sudo apt-get install libgomp1")
    apt_install(["libgomp1"])


def can_apt() -> bool:
    """Tell whether packages may be installed with apt: root on Debian or Ubuntu."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return root and shutil.which("apt-get") is not None


def apt_install(packages: list[str]) -> None:
    """Install packages; raise Missing if apt cannot."""
    print("Installing with apt: " + " ".join(packages), flush=True)
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    try:
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=env)
        subprocess.run(install + packages, check=True, env=env)
    except subprocess.CalledProcessError as error:
        raise Missing(f"apt could not install {' '.join(packages)}: {error}") from error
