"""The command ``xaikit``, also ``python -m xaikit``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, ``xaikit grade`` for example, and return the exit code."""
    from xaikit.course.grading._command import main as command

    return command(arguments)


if __name__ == "__main__":
    sys.exit(main())
