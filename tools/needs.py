"""Make sure of what the tests need: a Chromium, bubblewrap, Java, an environment with torch."""

import sys

from tools import torch_env
from tools.system import Missing, apt_install, can_apt, find_bubblewrap, find_chromium, find_java

NEEDS = (
    ("chromium", find_chromium, "a Chromium or Chrome; CHROMIUM may name one that is not on PATH"),
    ("bubblewrap", find_bubblewrap, "bubblewrap (the program bwrap; Linux only)"),
    ("default-jre-headless", find_java, "Java (the program java), which the HTML checker runs on"),
)


def ensure() -> None:
    """Install what is absent where that is allowed; raise Missing for what still is."""
    absent = [package for package, find, _ in NEEDS if find() is None]
    if absent and can_apt():
        apt_install(absent)
    still = [(package, words) for package, find, words in NEEDS if find() is None]
    if still:
        lines = [f"  {words}" for _, words in still]
        names = " ".join(package for package, _ in still)
        lines.append(f"On Debian or Ubuntu: sudo apt-get install {names}")
        raise Missing("\n".join(["The tests need programs that are not there:", *lines]))


if __name__ == "__main__":
    try:
        ensure()
        torch_env.ensure()
    except Missing as missing:
        sys.exit(str(missing))
