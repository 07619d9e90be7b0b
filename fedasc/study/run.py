"""Running a study: prepare its repetitions, then make its points, side by side."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import joblib
from joblib.externals.loky import get_reusable_executor
from threadpoolctl import threadpool_limits

from fedasc.corpus.pool import Pool, open_pool, require_labels
from fedasc.progress import Progress, quiet
from fedasc.study.point import Point
from fedasc.study.study import Cell, Study

_log = logging.getLogger(__name__)

T = TypeVar("T")


def open_corpora(study: Study, *, n_workers: int = 1, progress: Progress = quiet) -> Pool:
    """What the corpora hold, decoded now unless the cache has it.

    Raises:
        CorpusError: If they lack noise, music or speech, or the disk can't hold them.
    """
    pool = open_pool(study.corpora, n_jobs=n_workers, progress=progress)
    require_labels(pool, where=", ".join(corpus.name for corpus in study.corpora))
    return pool


def run_study(study: Study, *, n_workers: int = 1, progress: Progress = quiet) -> Sequence[Point]:
    """All points, in order; those made before come from the cache.

    Args:
        n_workers: Processes; changes no result.

    Raises:
        FedascError: If settings, corpus and profiles don't go together.
    """
    unprepared = study.unprepared
    for n, _ in enumerate(_side_by_side(study.prepare, unprepared, n_workers), start=1):
        progress("preparing repetitions", n, len(unprepared))
    missing = study.missing
    for n, _ in enumerate(_side_by_side(Cell.make, missing, n_workers), start=1):
        progress("personalising and judging", n, len(missing))
    points = [point for cell in study.cells for point in cell.make()]
    _tell(points)
    return points


def _side_by_side(
    work: Callable[[T], object], items: Sequence[T], n_workers: int
) -> Iterator[None]:
    """Do work on each item, in as many processes, and tell whenever one is done."""
    jobs = (joblib.delayed(_alone)(work, item) for item in items)
    n_jobs = max(1, min(n_workers, len(items)))
    try:
        yield from joblib.Parallel(n_jobs, return_as="generator_unordered", batch_size=1)(jobs)
    except KeyboardInterrupt:
        if n_jobs != 1:  # its processes would finish what they have begun
            get_reusable_executor().shutdown(wait=False, kill_workers=True)
        raise


def _alone(work: Callable[[T], object], item: T) -> None:
    """Work in one thread: sums over threads would end in another order elsewhere.

    What there is to warn of stands in the points, and is told once at the end.
    """
    logging.disable(logging.WARNING)
    try:
        with threadpool_limits(1):
            work(item)
    finally:
        logging.disable(logging.NOTSET)


def _tell(points: Sequence[Point]) -> None:
    """Warn of personal classifiers whose samples were one-sided or few."""
    personal = [point for point in points if point.aggregator]
    few = sum(point.facts["n_kept"] < point.facts["n_wanted"] for point in personal)
    one_sided = [point for point in personal if point.facts["collapsed"]]
    if few:
        _log.warning(
            "%d of %d personal classifiers got fewer artificial samples than wanted; see n_kept in "
            "points.csv",
            few, len(personal),
        )  # fmt: skip
    if one_sided:
        _log.warning(
            "%d of %d personal classifiers were trained on artificial samples that hardly hold one "
            "of the scenes, with %s components; see collapsed in points.csv",
            len(one_sided),
            len(personal),
            ", ".join(
                str(n)
                for n in sorted({p.aggregator.n_components for p in one_sided if p.aggregator})
            ),
        )
