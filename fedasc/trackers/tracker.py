"""A tracker of experiments, such as TensorBoard or MLflow, that a run tells of its nights."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from fedasc.plugins import Family, Plugin

Scalar = str | int | float | bool
"""What trackers take for a setting."""


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """A run, for a tracker.

    Args:
        title: For people.
        key: That no other run has; the same if a run goes on that was interrupted.
        place: Folder to write to, there already; or the address of a server, if it was asked for.
        settings: All of the run, by their path with dots.
        n_nights: That were told before; more than none if the run goes on.
    """

    title: str
    key: str
    place: str
    settings: Mapping[str, Scalar]
    n_nights: int


class Log(Protocol):
    """A run in a tracker."""

    def night(self, number: int, numbers: Mapping[str, float]) -> None:
        """Tell what a night came to, by name; see `fedasc.trackers.numbers`."""

    def keep(self, files: Sequence[Path]) -> None:
        """Keep results: pictures (PNG) and tables (CSV and JSON)."""

    def close(self, *, is_finished: bool) -> None:
        """Write what isn't written yet."""


class Tracker(Plugin):
    """Where to tell a run. Implementations are frozen dataclasses of their settings.

    Each works in a process of its own, whose environment has none of the variables that begin with
    `hidden`: what it writes stays where it is told to.
    """

    family = Family(
        word="tracker",
        group="fedasc.trackers",
        default="",
        builtin={
            "tensorboard": "fedasc.trackers.tensorboard:TensorBoardTracker",
            "mlflow": "fedasc.trackers.mlflow:MlflowTracker",
            "wandb": "fedasc.trackers.wandb:WandbTracker",
            "trackio": "fedasc.trackers.trackio:TrackioTracker",
        },
    )

    needs: ClassVar[tuple[str, ...]] = ()
    """Modules that must be installed, by the extra of the tracker's name."""
    hidden: ClassVar[tuple[str, ...]] = ()
    """Beginnings of names of environment variables that it doesn't get to see."""
    takes_address: ClassVar[bool] = False
    """Whether a place may be a server's address."""

    def environment(self, run: Tracked) -> Mapping[str, str]:
        """Variables that its process has beside the others."""
        return {}

    @abstractmethod
    def log(self, run: Tracked) -> Log:
        """Begin to tell a run, or go on."""
