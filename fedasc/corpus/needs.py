"""Needs: how many recordings of their own a corpus must have, and what is missing."""

import logging
from collections.abc import Collection, Mapping

from fedasc.corpus.library import Library
from fedasc.corpus.parts import PARTS, UNUSED
from fedasc.corpus.recordings import LABELS
from fedasc.errors import CorpusError

_log = logging.getLogger(__name__)

_ENOUGH = len(PARTS)
"""Groups of a type of which, as a rule, some are to be heard and others to evaluate on."""
_FEW = 12
"""Groups of a label of which the evaluation, a fifth of them, has two."""


def require_parts(library: Library, *, nested: bool = False) -> None:
    """Refuse a corpus of which a part of the split lacks noise, music or speech.

    Args:
        nested: Whether the split is one of the server's part alone.

    Raises:
        CorpusError: With numbers, and the smallest change that helps.
    """
    for label in LABELS:
        held = {part for part, of in zip(library.parts, library.labels, strict=True) if of == label}
        if not (lacking := [part for part in PARTS if part not in held]):
            continue
        n = sum(groups_by_type(library, label).values())
        whose = "the server's part of the corpus" if nested else "the corpus"
        cure = (
            f"add {len(PARTS) - n}"
            if n < len(PARTS)
            else "let fewer recordings demand a part (split), or add some"
        )
        raise CorpusError(
            f"{whose} has {n} recording(s) of {label} that may stand apart (groups), and none is "
            f"left for {' and '.join(lacking)}; the split needs one for each of its "
            f"{len(PARTS)} parts, so {cure}"
        )


def types_in_words(library: Library, label: str, types: Collection[str]) -> str:
    """How many groups some types have, and the smallest change by which one of them is heard."""
    counts = {k: n for k, n in groups_by_type(library, label).items() if k in types}
    if not counts:
        return f"there is no such type, so add {_ENOUGH} recordings of one"
    kind, n = max(counts.items(), key=lambda item: item[1])
    there = ", ".join(f"{name} {count}" for name, count in list(counts.items())[:10])
    return (
        f"there are {there}, counted in recordings that may stand apart (groups), and a type needs "
        f"{_ENOUGH}, so add {max(_ENOUGH - n, 1)} of {kind}"
    )


def warn_of_few(library: Library) -> None:
    """Say of which labels there are so few groups that figures hang on one or two of them."""
    few = {label: sum(groups_by_type(library, label).values()) for label in LABELS}
    few = {label: n for label, n in few.items() if n < _FEW}
    if few:
        _log.warning(
            "%s: so few recordings may stand apart (groups) that what comes out hangs on one or "
            "two of them; take it for a first look, and add some up to %d of each",
            *(", ".join(f"{n} of {label}" for label, n in few.items()), _FEW),
        )


def groups_by_type(library: Library, label: str) -> Mapping[str, int]:
    """Groups of recordings of each type of a label, in all parts of the split, by name."""
    groups: dict[str, set[str]] = {}
    for index, (part, of, kind) in enumerate(
        zip(library.parts, library.labels, library.types, strict=True)
    ):
        if of == label and part != UNUSED:
            group = library.groups[index] if library.groups else f"{index}"
            groups.setdefault(kind, set()).add(group)
    return {kind: len(groups[kind]) for kind in sorted(groups)}
