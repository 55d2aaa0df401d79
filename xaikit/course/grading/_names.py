"""Names that strangers chose: kept readable, and made safe for a table, a page and a disk."""

from __future__ import annotations

import unicodedata

MAX_NAME = 120
# They join letters in Persian names and in emoji; other invisible characters are spelt out.
_JOINERS = "\u200c\u200d"
# Spreadsheets take a cell that begins so for a formula; some also take the wide forms.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_RESERVED = {"con", "prn", "aux", "nul"} | {f"{p}{n}" for p in ("com", "lpt") for n in range(10)}


def readable(text: str, limit: int = MAX_NAME) -> str:
    r"""Return the text with invisible characters spelt out, and its middle left out if long.

    Control characters, marks that turn the direction of writing and lone surrogates could
    make a name look like another one; they become ``\u202e`` and the like.

    Examples
    --------
    >>> print(readable("Ada\tLovelace"))
    Ada\u0009Lovelace
    """
    shown = "".join(_spelt(letter) for letter in unicodedata.normalize("NFC", text))
    if len(shown) <= limit:
        return shown
    end = limit // 3
    return f"{shown[: limit - end - 1]}…{shown[-end:]}"


def _spelt(letter: str) -> str:
    hidden = unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    if not hidden or letter in _JOINERS:
        return letter
    return f"\\u{ord(letter):04x}"


def safe_cell(text: str) -> str:
    """Return the text in a form that no spreadsheet takes for a formula.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("Ada")
    ("'=1+1", 'Ada')
    """
    return (
        f"'{text}"
        if text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r", "\n"))
        else text
    )


def file_stem(text: str, taken: set[str]) -> str:
    """Return a file name that is valid on every system and not in `taken`, and add it there.

    Examples
    --------
    >>> taken = set()
    >>> file_stem("Ada Lovelace", taken), file_stem("../ada lovelace", taken)
    ('Ada-Lovelace', 'ada-lovelace-2')
    """
    kept = "".join(letter if letter.isalnum() or letter in "_." else "-" for letter in text)
    stem = "-".join(part for part in kept.split("-") if part).strip("._-")[:60] or "student"
    if stem.split(".")[0].casefold() in _RESERVED:
        stem = f"student-{stem}"
    name, number = stem, 2
    while name.casefold() in taken:
        name, number = f"{stem}-{number}", number + 1
    taken.add(name.casefold())
    return name
