"""What a builder found, in a few lines."""

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
        n_listed: How many names to show; where there are more, so many reasons with a name each.
    """
    counts = []
    for label in LABELS:
        types = [recording.type for recording in build.recordings if recording.label == label]
        if types:
            counts.append(f"{len(types):,} {label} ({len(set(types))} types)")
    lines = [f"{', '.join(counts)} in {manifest}"]
    names: dict[str, list[str]] = {}
    for name, reason in build.left:
        names.setdefault(reason, []).append(name)
    if len(build.left) > n_listed:
        listed = [(same, reason) for reason, same in names.items()]
    else:
        listed = [([name], reason) for name, reason in build.left]
    if build.left:
        lines.append(f"Left out, {len(build.left):,}:")
    for (first, *others), reason in listed[:n_listed]:
        lines.append(
            f"  {printable(first)}{f' and {len(others):,} more' if others else ''}: {reason}"
        )
    if n_others := sum(len(same) for same, _ in listed[n_listed:]):
        lines.append(f"  and {n_others:,} more for other reasons")
    return Text("\n".join([*lines, f"Licence: {build.licence}"]))
