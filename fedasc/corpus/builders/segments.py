"""Segments: what AudioSet's three tables say of stretches of YouTube videos."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

from fedasc.corpus.builders.ontology import Labels, labels_of
from fedasc.corpus.builders.tree import contents
from fedasc.corpus.tables import read_lines, separator_of
from fedasc.errors import CorpusError

TOLERANCE_S = 1.0
"""How much longer than its segment a file may be: codecs fill up, and tools cut between frames."""

Stretch = tuple[float, float | None]
"""Start and duration in s; to the end if None."""

_TABLES = ("balanced_train_segments.csv", "unbalanced_train_segments.csv", "eval_segments.csv")
_ID = re.compile(r"[\w-]{11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Segment:
    """Labels of a stretch of a video."""

    start_s: float
    end_s: float
    labels: Labels

    def starts_at(self, given: str | None) -> bool:
        """Whether a start given in a file's name, in seconds or milliseconds, is this one's."""
        if given is None:
            return True
        return min(abs(float(given) - self.start_s), abs(float(given) - 1000 * self.start_s)) < 1

    def named_s(self, start: str | None, end: str | None) -> float | None:
        """How long a file is by the start, which is this one's, and the end in its name.

        Returns:
            inf without an end; None without a start.
        """
        if start is None or end is None:
            return None if start is None else inf
        in_s = abs(float(start) - self.start_s) < 1
        return (float(end) - float(start)) / (1 if in_s else 1000)

    def stretch(self, length_s: float, *, named_s: float | None) -> Stretch | None:
        """Where in a file the segment lies; None if the times don't tell.

        A file about as long as the segment, or shorter, is all of it. A longer one begins with it
        if its name says so and doesn't contradict its length. Without times in its name it is all
        of the video if it is long enough for that.

        Args:
            length_s: Of the file.
            named_s: Likewise by its name, see `named_s`.
        """
        duration_s = self.end_s - self.start_s
        if length_s <= duration_s + TOLERANCE_S:
            return 0.0, None
        if named_s is None:
            return (self.start_s, duration_s) if length_s >= self.end_s else None
        return (0.0, duration_s) if length_s <= named_s + TOLERANCE_S else None


def _tables(root: Path, files: Sequence[str]) -> Sequence[Path]:
    tables: dict[str, Path] = {}
    for path in files:
        name = path.rpartition("/")[2]
        if name in _TABLES and name in tables:
            raise CorpusError(f"{root}: holds {tables[name]} and {root / path}; remove one")
        if name in _TABLES:
            tables[name] = root / path
    if not tables:
        raise CorpusError(
            f"{root}: expected {', '.join(_TABLES)}, or one of them; take them from "
            f"https://research.google.com/audioset/download.html; {contents(root)}"
        )
    return tuple(tables.values())


def read_segments(
    root: Path, files: Sequence[str], *, wanted: Collection[str]
) -> tuple[Mapping[str, Segment], int]:
    """The segments of the wanted videos, and the number of all that are listed.

    Two millions may be listed, so only what there are files for is kept.

    Args:
        root: Folder of the corpus.
        files: Paths of all its files, relative to it; the tables are among them.
        wanted: YouTube ids.

    Raises:
        CorpusError: If there is no table, or a line can't be used.
    """
    segments: dict[str, Segment] = {}
    n_listed = 0
    for table in _tables(root, files):
        separator = separator_of(table, lambda cells: bool(_ID.fullmatch(cells[0])))
        for line, row in read_lines(table, separator, skipinitialspace=True):
            if row[0].startswith("#"):
                continue
            n_listed += 1
            try:
                video, *times, mids = row
                # a spreadsheet that separates by semicolons may have made decimal commas
                start_s, end_s = (float(time.replace(",", ".")) for time in times)
                usable = 0 <= start_s < end_s < inf and all(
                    mid.startswith("/") for mid in labels_of(mids) or ("",)
                )
            except ValueError:
                usable = False
            if not (usable and _ID.fullmatch(video)):
                raise CorpusError(
                    f"{table}, line {line}: expected a YouTube id, a start and an end in seconds, "
                    f"and machine ids in one pair of quotes, got {', '.join(row)}"
                )
            if video in segments:
                raise CorpusError(f"{table}, line {line}: lists {video} again; remove one")
            if video in wanted:
                segments[video] = Segment(start_s, end_s, labels_of(mids))
    return segments, n_listed
