"""How long a design will take, told before it starts, from steps timed on this machine."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from statistics import fmean
from time import monotonic

from fedasc.experiments.cell import Cell
from fedasc.experiments.design import Design
from fedasc.experiments.kept_world import KeptWorld, among, listen_to_all
from fedasc.experiments.record import DeviceRecord
from fedasc.models.committee import member_of
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.mobilenet import MobileNetSettings, MobileNetTeacher
from fedasc.models.samples import TrainingSet
from fedasc.processes import alone
from fedasc.progress import Progress, quiet
from fedasc.world import World, build_world

_LONG_S = 6 * 3600
_N_LABELLED = 64
_N_STEPS = 3


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What is left to do and how long each part takes.

    Args:
        n_workers: Processes that share the work.
        n_worlds: Repetitions still to be prepared.
        world_s: One of them, the teacher's training included.
        teacher_s: The teacher's training, if it was timed by itself.
        n_further: Other worlds of the same repetitions, which share the teacher.
        further_s: One of them.
        n_cells: Still to be made.
        cell_s: One of them.
        n_cached: Cells that were made before.
    """

    n_workers: int
    n_worlds: int = 0
    world_s: float = 0.0
    teacher_s: float = 0.0
    n_further: int = 0
    further_s: float = 0.0
    n_cells: int = 0
    cell_s: float = 0.0
    n_cached: int = 0

    @property
    def seconds(self) -> float:
        """In all; the last repetitions may find some workers idle."""
        parts = (
            (self.n_worlds, self.world_s),
            (self.n_further, self.further_s),
            (self.n_cells, self.cell_s),
        )
        return sum(ceil(n / self.n_workers) * each_s for n, each_s in parts)

    def in_words(self) -> str:
        """What to tell before the start."""
        cached = f"{self.n_cached} cells are cached"
        if not self.n_cells:
            return f"nothing to compute: {cached}"
        further = (
            f"{self.n_further} further worlds of them, {_duration(self.further_s)} each, "
            if self.n_further
            else ""
        )
        words = (
            f"this will take about {_duration(self.seconds)} with {self.n_workers} worker(s): "
            f"{self.n_worlds} repetitions to prepare, {_duration(self.world_s)} each, "
            f"{further}and {self.n_cells} cells, {_duration(self.cell_s)} each, as timed on this "
            f"machine; {cached}"
        )
        if self.seconds < _LONG_S:
            return words
        return (
            f"{words}\n"
            f"C2 alone takes {_duration(self.teacher_s)} to train for each repetition. Ctrl-C ends "
            "it; what is finished is kept for the next time. --preset cpu makes the same figures "
            "in minutes"
        )


def estimate(design: Design, *, n_workers: int, progress: Progress = quiet) -> Estimate:
    """Time a few real steps: the first missing world and cells in it; of C2 only batches.

    Raises:
        FedascError: If settings, corpus and profiles don't go together.
    """
    missing, unprepared = design.missing, design.unprepared
    n_different = len({cell.cached.key for cell in design.cells})
    counts = {"n_workers": n_workers, "n_cached": n_different - len(missing)}
    if not missing:
        return Estimate(**counts)
    first = missing[0].world
    of_repetition = [one for one in unprepared if one.settings.seed == first.settings.seed]
    further = [one for one in of_repetition if one.cached.key != first.cached.key]
    n_worlds = len({one.settings.seed for one in unprepared})
    c2 = member_of(first.settings.teacher, MobileNetSettings)
    with alone():
        began = monotonic()
        world = _world(design, first, c2, progress)
        world_s, began = monotonic() - began, monotonic()
        further_s = 0.0
        if further:
            _world(design, further[0], c2, progress)
            further_s, began = monotonic() - began, monotonic()
        cell_s, n_labelled = _cell_seconds(missing, world)
        teacher_s = 0.0
        if c2:
            teacher_s, label_s = _c2_seconds(c2, world.server.comprehensive_set)
            cell_s += label_s * n_labelled
    return Estimate(
        **counts,
        n_worlds=n_worlds,
        world_s=world_s + teacher_s,
        teacher_s=teacher_s,
        n_further=len(unprepared) - n_worlds,
        further_s=further_s,
        n_cells=len(missing),
        cell_s=cell_s,
    )


def _world(
    design: Design, kept: KeptWorld, c2: MobileNetSettings | None, progress: Progress
) -> World:
    """A world with all that its devices hear; C2, which takes long, has a stand-in."""
    settings = replace(kept.settings, teacher=EnsembleSettings()) if c2 else kept.settings
    world = build_world(settings, design.corpora, design.profiles, progress=progress)
    listen_to_all(world.scenario, design.only, progress=progress)
    return world


def _cell_seconds(missing: Sequence[Cell], world: World) -> tuple[float, float]:
    """Seconds that a missing cell takes, and windows that are labelled in it: means over all.

    Of each kind of strategy one is timed.

    Args:
        world: Of the first one.
    """
    here = [one for one in missing if one.world.cached.key == missing[0].world.cached.key]
    timed: dict[type, tuple[float, int]] = {}
    for cell in here:
        kind = type(cell.variant.settings.strategy)
        if kind not in timed:
            began = monotonic()
            records = cell.play(among(world.scenario, cell.variant.profiles), world.server)
            timed[kind] = monotonic() - began, sum(map(_n_labelled, records))
    kinds = [type(cell.variant.settings.strategy) for cell in missing]
    seconds, n_labelled = zip(*(timed[kind] for kind in kinds if kind in timed), strict=True)
    return fmean(seconds), fmean(n_labelled)


def _n_labelled(record: DeviceRecord) -> int:
    """Windows of a device that the teacher labels: drawn, heard, and those it is evaluated on."""
    n_drawn = record.tally.n_drawn if record.tally else 0
    return 2 * n_drawn + int(record.scores["teacher"].counts.sum())


def _c2_seconds(settings: MobileNetSettings, samples: TrainingSet) -> tuple[float, float]:
    """How long C2 trains, and how long it takes to label a sample: from a few batches."""
    once = replace(settings, n_epochs=1)

    def trained(n_steps: int) -> tuple[float, MobileNetTeacher]:
        few = TrainingSet(samples.training[: n_steps * once.batch_size], samples.validation[:2])
        began = monotonic()
        teacher = once.train(few, seed=0)
        return monotonic() - began, teacher

    short_s, teacher = trained(1)
    step_s = max(trained(_N_STEPS)[0] - short_s, 0.0) / (_N_STEPS - 1)
    began = monotonic()
    teacher.probabilities(samples.training.x[:_N_LABELLED])
    label_s = (monotonic() - began) / min(_N_LABELLED, len(samples.training))
    n_steps = ceil(len(samples.training) / settings.batch_size)
    epoch_s = n_steps * step_s + len(samples.validation) * label_s
    return settings.n_epochs * epoch_s, label_s


_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60))


def _duration(seconds: float) -> str:
    """In the largest unit of which there are two."""
    for unit, unit_s in _UNITS:
        if seconds >= 2 * unit_s:
            return f"{seconds / unit_s:.0f} {unit}"
    return f"{seconds:.2g} seconds" if seconds < 10 else f"{seconds:.0f} seconds"
