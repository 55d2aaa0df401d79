"""The command ``xaikit``, also ``python -m xaikit``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

REFUSED = 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command and exit with 1; argparse would exit with 2."""
        self.print_usage(sys.stderr)
        self.exit(REFUSED, f"{self.prog}: error: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    from xaikit.course.grading import _command as grading
    from xaikit.course.grading import _join as joining
    from xaikit.course.labs import _command as labs

    main = _Parser(prog="xaikit", description="Explanations that are checked.")
    commands = main.add_subparsers(dest="command", required=True, metavar="COMMAND")
    labs.add_parser(commands)
    grading.add_parser(commands)
    joining.add_parser(commands)
    return main


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, ``xaikit lab`` for example, and return the exit code."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as done:
        # --help ends with 0, a mistake with what `_Parser.error` says.
        return int(done.code or 0)
    try:
        return int(options.run(options))
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        sys.stderr.write(f"xaikit {options.command}: error: {error}\n")
        return REFUSED


if __name__ == "__main__":
    sys.exit(main())
