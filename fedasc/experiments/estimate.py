"""How long a design will take, told before it starts, from steps timed on this machine."""

from dataclasses import dataclass, replace
from math import ceil
from time import monotonic

from fedasc.experiments.design import Design
from fedasc.experiments.kept_world import among, listen_to_all
from fedasc.experiments.record import DeviceRecord
from fedasc.models.committee import member_of
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.mobilenet import MobileNetSettings, MobileNetTeacher
from fedasc.models.samples import TrainingSet
from fedasc.processes import alone
from fedasc.progress import Progress, quiet
from fedasc.world import build_world

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
        n_cells: Still to be made.
        cell_s: One of them.
        n_cached: Cells that were made before.
    """

    n_workers: int
    n_worlds: int = 0
    world_s: float = 0.0
    teacher_s: float = 0.0
    n_cells: int = 0
    cell_s: float = 0.0
    n_cached: int = 0

    @property
    def seconds(self) -> float:
        """In all; the last repetitions may find some workers idle."""
        n_rounds = ceil(self.n_worlds / self.n_workers), ceil(self.n_cells / self.n_workers)
        return n_rounds[0] * self.world_s + n_rounds[1] * self.cell_s

    def in_words(self) -> str:
        """What to tell before the start."""
        cached = f"{self.n_cached} cells are cached"
        if not self.n_cells:
            return f"nothing to compute: {cached}"
        words = (
            f"this will take about {_duration(self.seconds)} with {self.n_workers} worker(s): "
            f"{self.n_worlds} repetitions to prepare, {_duration(self.world_s)} each, and "
            f"{self.n_cells} cells, {_duration(self.cell_s)} each, as timed on this machine; "
            f"{cached}"
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
    """Time a few real steps: the first missing world and cell; of C2 only batches.

    Raises:
        FedascError: If settings, corpus and profiles don't go together.
    """
    missing = design.missing
    counts = {"n_workers": n_workers, "n_cached": len(design.cells) - len(missing)}
    if not missing:
        return Estimate(**counts)
    cell, settings = missing[0], missing[0].world.settings
    c2 = member_of(settings.teacher, MobileNetSettings)
    if c2:  # takes long: another one stands in for it
        settings = replace(settings, teacher=EnsembleSettings())
    with alone():
        began = monotonic()
        world = build_world(settings, design.corpora, design.profiles, progress=progress)
        listen_to_all(world.scenario, design.only, progress=progress)
        world_s, began = monotonic() - began, monotonic()
        records = cell.play(among(world.scenario, cell.variant.profiles), world.server)
        cell_s, teacher_s = monotonic() - began, 0.0
        if c2:
            teacher_s, label_s = _c2_seconds(c2, world.server.comprehensive_set)
            cell_s += label_s * sum(map(_n_labelled, records))
    return Estimate(
        **counts,
        n_worlds=len(design.unprepared),
        world_s=world_s + teacher_s,
        teacher_s=teacher_s,
        n_cells=len(missing),
        cell_s=cell_s,
    )


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
