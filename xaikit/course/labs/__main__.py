"""``python -m xaikit.labs split labs`` and ``python -m xaikit.labs verify labs``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xaikit.course.labs import lab_names, split, verify


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 1 if a notebook is stale or a lab has a problem."""
    parser = argparse.ArgumentParser(prog="python -m xaikit.labs", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    splitting = commands.add_parser("split", help="write the notebooks from each lab.md")
    splitting.add_argument("--check", action="store_true", help="write nothing; 1 if stale")
    verifying = commands.add_parser("verify", help="show that the marks can be trusted")
    for command in (splitting, verifying):
        command.add_argument("labs", type=Path, help="the folder of labs")
    options = parser.parse_args(arguments)
    try:
        if options.command == "split":
            return _split(options.labs, options.check)
        return _verify(options.labs)
    except (ValueError, ImportError) as error:
        return _say(f"error: {error}", 1)


def _split(labs: Path, check: bool) -> int:
    stale = split(labs, check=check)
    for path in stale:
        _say(f"{'stale' if check else 'written'}: {path}")
    if check and stale:
        return _say(f"run: python -m xaikit.labs split {labs}", 1)
    return 0


def _verify(labs: Path) -> int:
    problems = [problem for name in lab_names(labs) for problem in verify(labs / name)]
    for problem in problems:
        _say(problem)
    return _say(f"{len(lab_names(labs))} labs, {len(problems)} problems", int(bool(problems)))


def _say(line: str, code: int = 0) -> int:
    sys.stdout.write(line + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
