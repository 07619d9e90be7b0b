"""How results were made: the part that all pages have."""

from collections.abc import Mapping
from typing import Any

from fedasc.report.browser.parts import Part, code, facts, section


def origin(
    settings: Mapping[str, Any],
    *parts: Part,
    corpus: Mapping[str, Any] | None = None,
    seconds: Mapping[str, float] | None = None,
    command: str = "",
    versions: Mapping[str, str] | None = None,
) -> Part:
    """The command, settings, and versions.

    Args:
        settings: All of them, as a file would say them.
        parts: What else there is to say.
        corpus: What it held.
        seconds: By phase.
        command: That was typed, if there was one.
        versions: By software.
    """
    lists: dict[str, Mapping[str, Any]] = {"Settings": settings}
    lists |= {"What the corpus held": corpus} if corpus else {}
    lists |= {"Versions": versions} if versions else {}
    spent = {name: round(each, 2) for name, each in (seconds or {}).items()}
    lists |= {"Seconds by phase": spent} if spent else {}
    return section(
        "made",
        "How it was made",
        *([code(command)] if command else []),
        *parts,
        *(facts(name, told, is_open=False) for name, told in lists.items()),
    )
