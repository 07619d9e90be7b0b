"""Segments: what AudioSet's three tables say of stretches of YouTube videos."""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

from fedasc.corpus.builders.ontology import Labels
from fedasc.errors import CorpusError

_TABLES = ("balanced_train_segments.csv", "unbalanced_train_segments.csv", "eval_segments.csv")
_ID = re.compile(r"[\w-]{11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Segment:
    """Labels of a stretch of a video."""

    start_s: float
    labels: Labels

    def starts_at(self, given: str | None) -> bool:
        """Whether a start given in a file's name, in seconds or milliseconds, is this one's."""
        if given is None:
            return True
        return min(abs(float(given) - self.start_s), abs(float(given) - 1000 * self.start_s)) < 1


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
            "https://research.google.com/audioset/download.html"
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
        for line, row in _lines(table):
            n_listed += 1
            try:
                video, start_s, end_s, mids = row
                usable = 0 <= float(start_s) < float(end_s) < inf and mids.startswith("/")
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
                segments[video] = Segment(float(start_s), frozenset(mids.split(",")))
    return segments, n_listed


def _lines(table: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """The lines of a table that list a segment, with their numbers."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, skipinitialspace=True)
            for row in reader:
                if row and not row[0].startswith("#"):
                    yield reader.line_num, row
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{table}: not a table of segments in UTF-8 ({error})") from error
