"""Running a comparison: prepare its repetitions, then make its cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from fedasc.comparison.comparison import Cell, Comparison, Day
from fedasc.comparison.grid import Entry
from fedasc.comparison.outcome import DeviceNight
from fedasc.progress import Progress, quiet
from fedasc.study.workers import side_by_side

T = TypeVar("T", Cell, Day)


@dataclass(frozen=True, eq=False)
class Result:
    """A cell and what came out.

    Args:
        repetition: Its number.
        seed: Its root of all streams.
        entry: What the devices and the server did.
        devices: Night by night.
    """

    repetition: int
    seed: int
    entry: Entry
    devices: Sequence[DeviceNight]


def in_words(comparison: Comparison) -> str:
    """What to tell before the start."""
    n_cells, n_missing = len(comparison.cells), len(comparison.missing)
    grid = comparison.grid
    return (
        f"{n_cells} cells: {grid.n_repetitions} repetition(s) of {len(grid.entries)} entries with "
        f"{grid.settings.n_clients} users and {grid.settings.nights.n_nights} night(s) each; "
        f"{n_cells - n_missing} are cached, {n_missing} to make after "
        f"{len(comparison.unprepared)} repetition(s) to prepare"
    )


def run_comparison(
    comparison: Comparison, *, n_workers: int = 1, progress: Progress = quiet
) -> list[Result]:
    """All cells, repetition by repetition; those made before come from the cache.

    Args:
        n_workers: Processes; changes no result.

    Raises:
        FedascError: If settings, corpus and profiles don't go together.
    """
    side_by_side(
        comparison.prepare,
        comparison.unprepared,
        n_workers=n_workers,
        phase="preparing repetitions",
        progress=progress,
    )
    side_by_side(
        _make,
        comparison.days,
        n_workers=n_workers,
        phase="summarising for several strategies",
        progress=progress,
    )
    side_by_side(
        _make,
        comparison.missing,
        n_workers=n_workers,
        phase="comparing",
        progress=progress,
    )
    return [
        Result(cell.repetition.number, cell.repetition.settings.seed, cell.entry, cell.make())
        for cell in comparison.cells
    ]


def _make(item: T, progress: Progress) -> None:
    item.make()
