"""Which texts are evidence, and which are a placeholder for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

# Letters of scripts that put no space between words count one by one; of all others a run
# of two or more is a word. book/_live/verdict.js has the same expression.
_WORD = re.compile(
    r"(?=[^\W\d_])[\u0e00-\u0eff\u1780-\u17ff\u2e80-\uffff]|[^\W\d_]{2,}",
)
_NUMBER = re.compile(r"[0-9]+(?:[.,:/-][0-9]+)*")
_TOKEN = re.compile(f"{_NUMBER.pattern}|{_WORD.pattern}")
_DAY_OR_YEAR = re.compile(r"(?:19|20)[0-9]{2}|[0-9]+([./-])[0-9]+\1[0-9]+")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def words(text: str) -> set[str]:
    """Return the different words of a text, in small letters."""
    return set(_WORD.findall(_plain(text)))


def has_finding(text: str, references: frozenset[str]) -> bool:
    """Return whether a text has a number that is no page, section, day or year."""
    tokens = ["", *(match[0] for match in _TOKEN.finditer(_plain(text))), ""]
    return any(
        _NUMBER.fullmatch(token)
        and not _DAY_OR_YEAR.fullmatch(token)
        and not references & {tokens[place], tokens[place + 2]}
        for place, token in enumerate(tokens[1:-1])
    )


@dataclass(frozen=True)
class EvidenceRule:
    """Which texts are refused as evidence, and what is said then.

    A text counts if it has enough different words besides those that only hold a place or
    point elsewhere; a number counts as one, unless it is that of a page, a day or a year.
    That it is true, a reader has to see.

    Parameters
    ----------
    least : int
        So many different words, or one less and a number, must be left.
    wanted : str
        What evidence looks like.
    refused : mapping of str to str
        What is said of a text that is refused, by its kind: "unfinished", "wordless",
        "placeholder", "reference" or "short".
    unfinished : frozenset of str
        Words of which one is enough to refuse a text, such as "todo".
    placeholders, references : frozenset of str
        Words that do not count, such as "none" and "page".

    Notes
    -----
    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> rule = checklist.load().evidence
    >>> rule.kind("see page 3"), rule.kind("TODO"), rule.kind("x")
    ('reference', 'unfinished', 'wordless')
    >>> rule.kind("AUC 0.79 on 400 cases of 2026") is None
    True
    """

    least: int
    wanted: str
    refused: Mapping[str, str]
    unfinished: frozenset[str]
    placeholders: frozenset[str]
    references: frozenset[str]

    def kind(self, text: str) -> str | None:
        """Return why a text is no evidence, in a word, or None if it counts.

        Parameters
        ----------
        text : str
            What somebody gave as evidence.

        Returns
        -------
        str or None
            A key of `refused`.
        """
        found = words(text)
        said = found - self.placeholders - self.references
        if not found:
            return "wordless"
        if found & self.unfinished:
            return "unfinished"
        if not said:
            return "reference" if found & self.references else "placeholder"
        return "short" if len(said) + has_finding(text, self.references) < self.least else None

    def refusal(self, text: str) -> str:
        """Return what is wrong with a text as evidence, and what evidence looks like.

        Parameters
        ----------
        text : str
            What somebody gave as evidence.

        Returns
        -------
        str
            Empty if the text counts.
        """
        kind = self.kind(text)
        return f"{self.refused[kind]} {self.wanted}" if kind else ""

    def names(self, text: str) -> bool:
        """Return whether a short text, such as a name, is more than a placeholder.

        Parameters
        ----------
        text : str
            A name, a version, a country.

        Returns
        -------
        bool
            Whether it has a digit, or a word that is no placeholder.
        """
        found = words(text)
        if found & self.unfinished:
            return False
        return bool(found - self.placeholders) or _NUMBER.search(_plain(text)) is not None
