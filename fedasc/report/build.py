"""What a builder found, in a few lines."""

from itertools import islice
from pathlib import Path

from rich.text import Text

from fedasc.corpus.builders.build import Build
from fedasc.corpus.recordings import LABELS
from fedasc.errors import printable


def build_lines(build: Build, manifest: Path, *, n_listed: int = 10) -> Text:
    """Recordings by label, what was left out and why, and the licence.

    Args:
        build: What the builder found.
        manifest: Where it was written.
        n_listed: How many reasons to show, each with the first name that has it.
    """
    counts = []
    for label in LABELS:
        types = [recording.type for recording in build.recordings if recording.label == label]
        if types:
            counts.append(f"{len(types):,} {label} ({len(set(types))} types)")
    lines = [f"{', '.join(counts)} in {manifest}"]
    by_reason: dict[str, list[str]] = {}
    for name, reason in build.left:
        by_reason.setdefault(reason, []).append(name)
    if build.left:
        lines.append(f"Left out, {len(build.left):,}:")
    for reason, (first, *others) in islice(by_reason.items(), n_listed):
        lines.append(f"  {first}{f' and {len(others):,} more' if others else ''}: {reason}")
    if n_others := sum(map(len, islice(by_reason.values(), n_listed, None))):
        lines.append(f"  and {n_others:,} more for other reasons")
    return Text("\n".join([*lines, f"Licence: {build.licence}"]))
