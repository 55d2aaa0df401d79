"""YAML as texts, lists and mappings that know their lines; nothing in it is ever run."""

from __future__ import annotations

from typing import Any

import yaml

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 12


class Text(str):
    """A scalar as it is written, with its line; `plain` where it is not in quotes."""

    line: int
    plain: bool


class Items(list[Any]):
    """A list with its line."""

    line: int


class Fields(dict[str, Any]):
    """A mapping with its line."""

    line: int


def read(text: str) -> Any:
    """Return what a YAML text holds, without aliases, tags or keys given twice."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"source must have at most {MAX_CHARACTERS} characters; got {len(text)}.")
    try:
        # Events first: they are flat, whatever the text does.
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            _refuse(event)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise ValueError(
                    f"source, line {_line(event)}: lists and mappings must be at most "
                    f"{MAX_DEPTH} deep; got more."
                )
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise ValueError(f"source must be YAML; got {text[:40]!r} ({said}).") from None
    if node is None:
        raise ValueError("source must hold a checklist; got an empty text.")
    return _plain(node)


def _line(marked: Any) -> int:
    return int(marked.start_mark.line) + 1


def _refuse(event: Any) -> None:
    """Refuse an alias or a tag: a checklist needs neither, and both have been misused."""
    alias = isinstance(event, yaml.AliasEvent)
    if alias or getattr(event, "anchor", None) or getattr(event, "tag", None):
        what = "an alias or anchor" if alias or event.anchor else f"the tag {event.tag}"
        raise ValueError(
            f"source, line {_line(event)}: values must be plain texts, lists and mappings; "
            f"got {what}."
        )


def _plain(node: Any) -> Any:
    found: Text | Items | Fields
    if isinstance(node, yaml.ScalarNode):
        found = Text(node.value)
        found.plain = node.style is None
    elif isinstance(node, yaml.SequenceNode):
        found = Items(_plain(child) for child in node.value)
    else:
        found = Fields()
        for key_node, child in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise ValueError(f"source, line {_line(key_node)}: a key must be a text.")
            if key_node.value in found:
                raise ValueError(
                    f"source, line {_line(key_node)}: a key must be given once; got "
                    f"{key_node.value!r} again."
                )
            found[key_node.value] = _plain(child)
    found.line = _line(node)
    return found
