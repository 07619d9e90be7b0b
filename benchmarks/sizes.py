"""How much is timed, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from fedasc.corpus.training import TrainingSetSettings
from fedasc.errors import SettingsError

_SETS = ("comprehensive", "baseline")
_NO_NUMBERS = ("training_sets", "small")


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much work every stage is given.

    Args:
        n_rounds: Timed rounds of each way.
        n_clips: Clips of 10 s for the front end.
        n_windows: Windows that a mixture is fitted to.
        n_mixtures: Devices that each fit one.
        n_samples: Samples that a classifier learns from; a third as many validate it.
        n_epochs: Passes over them.
        n_trained: Classifiers that fedasc trains in a round, where rivals train one.
        n_labelled: Artificial samples of one device.
        n_labelling: Devices whose samples are labelled.
        training_sets: What teacher and classifiers of messages, nights and labelling learn from.
        averaging: Numbers of users whose local training pfl-research averages.
        averaging_epochs: Passes over each of these users' samples.
        messages: Numbers of devices that exchange messages.
        nights: Numbers of devices of complete nights.
        n_night_rounds: Timed rounds where the number of devices is varied.
        many: So many devices and more are timed once.
        n_heard, n_evaluation: Windows of 10 s that a device hears and is evaluated on in nights.
        n_driven: Devices whose steps are timed against another build's.
        whole_runs: Numbers of devices of whole runs, likewise.
        few: Of runs of which hardly more than start and end is left, likewise.
        small: Whether days and training sets of those are as here; otherwise they are the defaults.

    Raises:
        SettingsError: If a number is not positive.
    """

    n_rounds: int = 5
    n_clips: int = 64
    n_windows: int = 1000
    n_mixtures: int = 10
    n_samples: int = 3000
    n_epochs: int = 250
    n_trained: int = 10
    n_labelled: int = 7264
    n_labelling: int = 2
    training_sets: TrainingSetSettings = field(default_factory=TrainingSetSettings)
    averaging: tuple[int, ...] = (10, 50)
    averaging_epochs: int = 25
    messages: tuple[int, ...] = (40, 200, 1000)
    nights: tuple[int, ...] = (5, 20, 60)
    n_night_rounds: int = 3
    many: int = 50
    n_heard: int = 200
    n_evaluation: int = 100
    n_driven: int = 16
    whole_runs: tuple[int, ...] = (1000,)
    few: int = 4
    small: bool = False

    def __post_init__(self) -> None:
        for name in (each.name for each in fields(self) if each.name not in _NO_NUMBERS):
            value = getattr(self, name)
            numbers = value if isinstance(value, tuple) else (value,)
            if not numbers or min(numbers) < 1:
                raise SettingsError(f"bench: {name} must be at least 1, got {value}")

    def rounds_of(self, n_devices: int | None) -> int:
        """How often a stage with so many devices is timed."""
        if n_devices is None:
            return self.n_rounds
        return 1 if n_devices >= self.many else self.n_night_rounds

    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        """Of runs that are timed against another build's, as files of `fedasc run` say them."""
        if not self.small:
            return {}
        sets = (name for half in _SETS for name in (half, f"{half}_validation"))
        return {
            "listening": {"n_heard": self.n_heard, "n_evaluation": self.n_evaluation},
            "training_sets": {name: getattr(self.training_sets, name) for name in sets},
        }


FULL = Sizes()
QUICK = Sizes(
    n_rounds=3,
    n_mixtures=2,
    n_epochs=25,
    n_labelled=1000,
    training_sets=TrainingSetSettings(
        comprehensive=200, comprehensive_validation=50, baseline=60, baseline_validation=15
    ),
    averaging=(4,),
    averaging_epochs=5,
    messages=(10, 50),
    nights=(4,),
    n_night_rounds=1,
    n_heard=50,
    n_evaluation=25,
    n_driven=4,
    whole_runs=(8,),
    small=True,
)
