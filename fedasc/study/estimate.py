"""How long a study will take, told before it starts, from steps timed on this machine."""

from dataclasses import dataclass, replace
from math import ceil
from time import monotonic

from fedasc.models.committee import member_of
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.mobilenet import MobileNetSettings, MobileNetTeacher
from fedasc.models.samples import TrainingSet
from fedasc.progress import Progress, quiet
from fedasc.study.point import personal_of
from fedasc.study.study import Study
from fedasc.study.workers import alone

_LONG_S = 6 * 3600
_N_LABELLED = 64
_N_STEPS = 3


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What is left to do and how long each part takes.

    Args:
        n_workers: Processes that share the work.
        n_repetitions: Still to be prepared.
        repetition_s: One of them, the teacher's training included.
        teacher_s: The teacher's training, if it was timed by itself.
        n_points: Still to be made.
        point_s: A personal classifier and its diagnosis.
        n_kept: Points that are cached.
    """

    n_workers: int
    n_repetitions: int = 0
    repetition_s: float = 0.0
    teacher_s: float = 0.0
    n_points: int = 0
    point_s: float = 0.0
    n_kept: int = 0

    @property
    def seconds(self) -> float:
        """In all; the last repetitions may find some workers idle."""
        repetitions = ceil(self.n_repetitions / self.n_workers) * self.repetition_s
        return repetitions + ceil(self.n_points / self.n_workers) * self.point_s

    def in_words(self) -> str:
        """What to tell before the start."""
        kept = f"{self.n_kept} points are cached"
        if not self.n_points:
            return f"nothing to compute: {kept}"
        words = (
            f"this will take about {_duration(self.seconds)} with {self.n_workers} worker(s): "
            f"{self.n_repetitions} repetitions to prepare, {_duration(self.repetition_s)} each, "
            f"and {self.n_points} points, {_duration(self.point_s)} each, as timed on this "
            f"machine; {kept}"
        )
        if self.seconds < _LONG_S:
            return words
        return (
            f"{words}\n"
            f"C2 alone takes {_duration(self.teacher_s)} to train for each repetition. Ctrl-C ends "
            "it; what is finished is kept for the next time. --preset cpu makes the same figures "
            "in minutes"
        )


def estimate(study: Study, *, n_workers: int, progress: Progress = quiet) -> Estimate:
    """Time a few real steps: the first repetition's world and one point; of C2 only batches.

    Raises:
        FedascError: If settings, corpus and profiles don't go together.
    """
    n_kept = len(study.cells) - len(study.missing)
    if not study.missing:
        return Estimate(n_workers=n_workers, n_kept=n_kept)
    settings = (study.unprepared or (study.missing[0].repetition,))[0].settings
    c2 = member_of(settings.teacher, MobileNetSettings)
    if c2:  # takes long: another one stands in for it
        settings = replace(settings, teacher=EnsembleSettings())
    with alone():
        began = monotonic()
        world = study.make_world(settings, progress=progress)
        repetition_s = monotonic() - began
        began = monotonic()
        content = personal_of(
            world.scenario,
            world.server,
            list(study.profiles.users).index(study.plan.distant[0]),
            aggregator=study.gmm,
            release=settings.release,
            strategy=settings.strategy,
        )
        point_s = monotonic() - began
        teacher_s = 0.0
        if c2:
            teacher_s, label_s = _c2_seconds(c2, world.server.comprehensive_set)
            point_s += 2 * content["facts"]["n_drawn"] * label_s  # once more for the diagnosis
    return Estimate(
        n_workers=n_workers,
        n_repetitions=len(study.unprepared),
        repetition_s=repetition_s + teacher_s,
        teacher_s=teacher_s,
        n_points=len(study.missing),
        point_s=point_s,
        n_kept=n_kept,
    )


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
    for unit, its_s in _UNITS:
        if seconds >= 2 * its_s:
            return f"{seconds / its_s:.0f} {unit}"
    return f"{seconds:.2g} seconds" if seconds < 10 else f"{seconds:.0f} seconds"
