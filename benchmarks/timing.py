"""Timing: every way in turn, round after round, so that a busy minute hits all of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import torch
from threadpoolctl import threadpool_limits

from benchmarks.stage import Stage, Trial, Way
from fedasc.errors import RunError, SettingsError
from fedasc.progress import Progress, quiet


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long one way took.

    Args:
        way: Its name.
        amount: How much it did in each round, in the stage's unit.
        seconds: Of each round.
        deviation: Of its result from fedasc's; 0 for fedasc itself.
        peak_bytes: The highest of all rounds; None where memory isn't watched.
        flops: See `Way`.
    """

    way: str
    amount: float
    seconds: tuple[float, ...]
    deviation: float = 0.0
    peak_bytes: int | None = None
    flops: float | None = None

    def __post_init__(self) -> None:
        if self.amount <= 0 or not self.seconds or min(self.seconds) <= 0:
            raise SettingsError(f"timing of {self.way}: expected positive amount and seconds")

    @property
    def rate(self) -> float:
        """Amount per second, by the median of the rounds."""
        return self.amount / median(self.seconds)

    @property
    def gflops(self) -> float | None:
        """Operations per second, in billions, by the median of the rounds."""
        return None if self.flops is None else self.flops / median(self.seconds) / 1e9

    @property
    def unit_s(self) -> float:
        """Seconds that one of the unit takes, by the median of the rounds."""
        return median(self.seconds) / self.amount


@dataclass(frozen=True)
class Ratio:
    """How many times as fast one way is as another.

    Args:
        median: Ratio of the rates, each by the median of its rounds.
        low, high: The smallest and the largest of the rounds, both ways of the same round.
    """

    median: float
    low: float
    high: float


def ratio(ours: Timing, rival: Timing) -> Ratio:
    """How many times as fast ours is.

    Raises:
        SettingsError: If they didn't run in the same rounds.
    """
    if len(ours.seconds) != len(rival.seconds):
        raise SettingsError(f"{rival.way} and {ours.way} were not timed in the same rounds")
    share = ours.amount / rival.amount
    each = [share * b / a for a, b in zip(ours.seconds, rival.seconds, strict=True)]
    return Ratio(ours.rate / rival.rate, min(each), max(each))


def measure(stage: Stage, *, n_rounds: int, progress: Progress = quiet) -> tuple[Timing, ...]:
    """Time every way of a stage.

    Args:
        n_rounds: How often; in each round every way runs once, in the order of the stage.

    Raises:
        RunError: If a rival did other work than fedasc.
    """
    phase = f"timing {stage.name}"
    if stage.n_devices is not None:
        phase += f" of {stage.n_devices:,} devices"
    n_steps = (n_rounds + stage.warm) * len(stage.ways)
    n_done = 0
    trials: dict[str, list[Trial]] = {way.name: [] for way in stage.ways}
    deviations: tuple[float, ...] = ()

    def round_of(ways: Sequence[Way]) -> Iterator[Trial]:
        nonlocal n_done
        for way in ways:
            yield way.run()
            n_done += 1
            progress(phase, n_done, n_steps)

    with one_thread():
        if stage.warm:
            deviations = _agreed(stage, list(round_of(stage.ways)))
        for _ in range(n_rounds):
            round_trials = list(round_of(stage.ways))
            deviations = deviations or _agreed(stage, round_trials)
            for way, trial in zip(stage.ways, round_trials, strict=True):
                trials[way.name].append(trial)
    return tuple(
        Timing(
            way=way.name,
            amount=way.amount,
            seconds=tuple(trial.seconds for trial in trials[way.name]),
            deviation=deviation,
            peak_bytes=max(trial.peak_bytes or 0 for trial in trials[way.name]) or None,
            flops=way.flops,
        )
        for way, deviation in zip(stage.ways, deviations, strict=True)
    )


def _agreed(stage: Stage, trials: Sequence[Trial]) -> tuple[float, ...]:
    """Deviation of each way from the first."""
    agreement = stage.agreement
    deviations = [0.0]
    for way, trial in zip(stage.ways[1:], trials[1:], strict=True):
        deviation = agreement.deviation(trials[0].result, trial.result)
        if not deviation <= agreement.tolerance:  # NaN, too, is no agreement
            raise RunError(
                f"{stage.name}: {way.name} and {stage.ways[0].name} did other work, "
                f"{agreement.measure} is {deviation:.3g} where {agreement.tolerance:g} is "
                "tolerated; their times can't be compared"
            )
        deviations.append(deviation)
    return tuple(deviations)


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for linear algebra and PyTorch each, and no denormal numbers."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(n_threads)
