"""What a builder found, in a few lines."""

from pathlib import Path

from rich.text import Text

from fedasc.corpus.builders.build import Build
from fedasc.corpus.recordings import LABELS
from fedasc.errors import printable


def build_lines(build: Build, manifest: Path, *, n_listed: int = 10) -> Text:
    """Recordings by label, what was left out and why, and the licence."""
    counts = []
    for label in LABELS:
        types = [recording.type for recording in build.recordings if recording.label == label]
        if types:
            counts.append(f"{len(types):,} {label} ({len(set(types))} types)")
    lines = [f"{', '.join(counts)} in {manifest}"]
    if build.left:
        lines.append(f"Left out, {len(build.left):,}:")
        lines += [f"  {printable(name)}: {reason}" for name, reason in build.left[:n_listed]]
    if len(build.left) > n_listed:
        lines.append(f"  and {len(build.left) - n_listed:,} more")
    return Text("\n".join([*lines, f"Licence: {build.licence}"]))
