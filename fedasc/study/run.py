"""Running a study: prepare its repetitions, then make its points."""

import logging
from collections.abc import Sequence

from fedasc.progress import Progress, quiet
from fedasc.study.point import Point
from fedasc.study.study import Cell, Study
from fedasc.study.workers import side_by_side

_log = logging.getLogger(__name__)


def run_study(study: Study, *, n_workers: int = 1, progress: Progress = quiet) -> Sequence[Point]:
    """All points, in order; those made before come from the cache.

    Args:
        n_workers: Processes; changes no result.

    Raises:
        FedascError: If settings, corpus and profiles don't go together.
    """
    side_by_side(
        study.prepare,
        study.unprepared,
        n_workers=n_workers,
        phase="preparing repetitions",
        progress=progress,
    )
    side_by_side(
        _make,
        study.missing,
        n_workers=n_workers,
        phase="personalising and judging",
        progress=progress,
    )
    points = [point for cell in study.cells for point in cell.make()]
    _tell(points)
    return points


def _make(cell: Cell, progress: Progress) -> None:
    cell.make()


def _tell(points: Sequence[Point]) -> None:
    """Warn of personal classifiers whose samples were few or one-sided."""
    personal = [point for point in points if point.aggregator]
    few = [point for point in personal if point.facts["n_kept"] < point.facts["n_wanted"]]
    one_sided = [point for point in personal if point.facts.get("collapsed")]
    for found, what, column in (
        (few, "got fewer artificial samples than wanted", "n_kept"),
        (one_sided, "got artificial samples that hardly hold one of the scenes", "collapsed"),
    ):
        if found:
            components = sorted({p.aggregator.n_components for p in found if p.aggregator})
            _log.warning(
                "%d of %d personal classifiers %s, with N = %s; see %s in points.csv",
                len(found), len(personal), what, ", ".join(map(str, components)), column,
            )  # fmt: skip
