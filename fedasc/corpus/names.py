"""Names: what recordings, their types and data sets can be called, and still be told in a table."""

import os
import re

from fedasc.corpus.recordings import Recording

SEPARATOR = ";"
"""Between names in one cell."""

_ESCAPED = re.compile("[\ud800-\udfff]")  # bytes of a file's name that aren't UTF-8
_BREAK = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # controls a terminal or ends a line
_MAX_BYTES = 255


def names_in(cell: str) -> tuple[str, ...]:
    """The names in one cell."""
    return tuple(filter(None, map(str.strip, cell.split(SEPARATOR))))


def is_utf8(text: str) -> bool:
    """Whether a text holds no bytes, escaped by Python, that aren't UTF-8."""
    return text.isprintable() or not _ESCAPED.search(text)


def flaw_of(name: str) -> str:
    """Why no type and no data set can be called so; empty if one can.

    Their names go into many tables, several into a cell, from which they come back.
    """
    if not name.strip():
        return "must not be blank"
    if not _is_line(name):
        return f"must be a line of UTF-8, got {name!r}"
    if SEPARATOR in name or name != name.strip():
        return f"must not hold {SEPARATOR!r} or blanks around it, got {name!r}"
    return ""


def _is_line(name: str) -> bool:
    return name.isprintable() or (is_utf8(name) and not _BREAK.search(name))


def misnamed(recording: Recording) -> str:
    """Why a manifest can't hold a recording; empty if it can.

    Files and groups may be called whatever a file can be.
    """
    for what, names in (("type", (recording.type,)), ("sets", recording.sets)):
        for name in names:
            if flaw := flaw_of(name):
                return f"{what} {flaw}; rename it"
    for what in ("domain", "origin", "microphone"):
        if not _is_line(getattr(recording, what)):
            return f"{what} must be a line of UTF-8, got {getattr(recording, what)!r}; rename it"
    for what, text in recording.further:
        if not is_utf8(text):
            return f"{what} must be UTF-8, got {text!r}; rename it"
    try:
        longest = max(map(len, os.fsencode(recording.path).split(b"/")))
        os.fsencode(recording.group)
    except UnicodeEncodeError:
        return "no file can be called so; rename it"
    if not recording.path.strip() or not recording.group.strip():
        return "its name and its group's must not be blank; rename it"
    if longest > _MAX_BYTES or "\0" in recording.path:
        return f"a file's name has at most {_MAX_BYTES} bytes, none of them 0; rename it"
    return ""
