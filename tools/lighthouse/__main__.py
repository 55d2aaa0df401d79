"""Measure pages with Lighthouse on a simulated phone: ``python -m tools.lighthouse``.

Each page of ``pages.txt`` is loaded three times from a server that gzips, as a web host
does. The medians are printed and written to ``figures.json``; the byte budgets of the
tests, which no busy machine can change, are the gate.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from tools.serve import SITE, serving
from tools.system import Missing, find_chromium

HERE = Path(__file__).resolve().parent
RUNS = 3
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def main() -> int:
    """Measure, print and keep the figures; return the exit status."""
    try:
        chromium = find_chromium()
        if chromium is None:
            raise Missing("Lighthouse needs a Chromium or Chrome: see `make test`")
        lighthouse = install()
        with serving(SITE) as address:
            figures = {page: measure(lighthouse, chromium, address + page) for page in pages()}
    except (Missing, FileNotFoundError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    (HERE / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"Kept in {HERE / 'figures.json'}")
    return 0


def pages() -> list[str]:
    """Return the pages that the file names."""
    lines = (HERE / "pages.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def install() -> list[str]:
    """Install Lighthouse beside this file where it is absent; return its command."""
    folder = Path(sys.executable).parent
    os.environ["PATH"] = os.pathsep.join([str(folder), os.environ["PATH"]])
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Missing("there is no Node: run `make set-up` first")
    program = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.is_file():
        subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=HERE, check=True
        )
    return [node, str(program)]


def measure(lighthouse: list[str], chromium: str, url: str) -> dict[str, float]:
    """Return a page's medians: the score of each category, from 0 to 100."""
    runs = [load(lighthouse, chromium, url) for _ in range(RUNS)]
    scores = {
        name: round(100 * median(run["categories"][name]["score"] for run in runs))
        for name in CATEGORIES
    }
    print(f"{url}\n  " + ", ".join(f"{name} {score}" for name, score in scores.items()), flush=True)
    for name in CATEGORIES:
        for fault in faults(runs[0], name):
            print(f"    {name}: {fault}")
    return scores


def load(lighthouse: list[str], chromium: str, url: str) -> dict[str, Any]:
    """Return Lighthouse's report on one load."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.json")
        only = f"--only-categories={','.join(CATEGORIES)}"
        flags = "--chrome-flags=--headless=new --no-sandbox --disable-gpu"
        command = [
            *lighthouse,
            url,
            only,
            "--output=json",
            f"--output-path={path}",
            "--quiet",
            flags,
        ]
        subprocess.run(command, env={**os.environ, "CHROME_PATH": chromium}, check=True)
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def faults(report: dict[str, Any], category: str) -> list[str]:
    """Return the titles of the audits that cost the category points."""
    weighed = [a["id"] for a in report["categories"][category]["auditRefs"] if a["weight"]]
    audits = [report["audits"][name] for name in weighed]
    return [a["title"] for a in audits if a["score"] is not None and a["score"] < 0.9]


if __name__ == "__main__":
    sys.exit(main())
