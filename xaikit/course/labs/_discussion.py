"""The question that closes a lab: what others would say to it, for whoever has answered it."""

from __future__ import annotations

from pathlib import Path

LEAST_WORDS = 50


def read_discussion(lab: Path) -> str:
    """Return the discussion of a lab's closing question, in Markdown.

    Raises
    ------
    FileNotFoundError
        If the lab has no ``discussion.md``.
    """
    path = lab / "discussion.md"
    if not path.is_file():
        raise FileNotFoundError(f"a lab needs its discussion: {lab.name}/discussion.md is missing")
    return path.read_text(encoding="utf-8").strip()


def count_words(text: str) -> int:
    """Count the words in a text; the same word again and again counts as one in three.

    Examples
    --------
    >>> count_words("To be, or not to be"), count_words("no " * 60)
    (6, 3)
    """
    words = [word.strip(".,;:!?()\"'").lower() for word in text.split()]
    return min(len(words), 3 * len(set(words)))
