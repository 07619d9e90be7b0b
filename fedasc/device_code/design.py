"""What the C code of a device is made for."""

from dataclasses import dataclass
from typing import Literal

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.audio.bank import FilterBank
from fedasc.config import check_choices
from fedasc.errors import SettingsError
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier
from fedasc.release.release import Release

Numbers = Literal["single", "fixed"]

KINDS: dict[type[Aggregator], str] = {
    MomentsAggregator: "MOMENTS",
    StepwiseEmAggregator: "STEPWISE_EM",
    SceneGaussiansAggregator: "SCENE_GAUSSIANS",
    KMeansAggregator: "KMEANS",
}
"""Aggregators that there is C code of: those that keep no day."""

_MOST_COMPONENTS = 1000
_MOST_WINDOWS = 60_000


@dataclass(frozen=True, eq=False, kw_only=True)
class DeviceCode:
    """What the C code of a device is made for; everything in it is fixed when it is compiled.

    Args:
        bank: The front end.
        aggregator: How it summarises its day; one of `KINDS`.
        release: What of a summary may leave it.
        classifier: The one that it is shipped with.
        numbers: Of the front end: single precision, or whole numbers for cores that have no
            others. What is done once in ten seconds is in single precision either way.

    Raises:
        SettingsError: If there is no C code for that.
    """

    bank: FilterBank
    aggregator: Aggregator
    release: Release
    classifier: EmbeddedClassifier
    numbers: Numbers = "single"

    def __post_init__(self) -> None:
        check_choices(self, section="device code")
        if type(self.aggregator) not in KINDS:
            names = ", ".join(kind().name for kind in KINDS)
            raise SettingsError(
                f"there is no C code of aggregator {self.aggregator.name!r}, which keeps the "
                f"day or sends more than a mixture; take one of {names}"
            )
        check_bank(self.bank)
        if self.release.noise or self.release.min_stretches > 1:
            raise SettingsError(
                "the C code adds no noise and knows no stretches of a day: noise in [release] must "
                "be 0, and min_stretches 1"
            )
        sizes = [getattr(self.aggregator, name, 1) for name in ("n_components", "batch_size")]
        if max(sizes) > _MOST_COMPONENTS or _n_merged(self.aggregator) > _MOST_WINDOWS:
            raise SettingsError(
                f"the C code has {_MOST_COMPONENTS} components and windows of a batch at most, and "
                f"merges {_MOST_WINDOWS} windows at most"
            )

    @property
    def kind(self) -> str:
        """The aggregator's name in C."""
        return KINDS[type(self.aggregator)]


def check_bank(bank: FilterBank) -> None:
    """Refuse a front end that the C code isn't for.

    Raises:
        SettingsError: If C1 doesn't take its features, or a hop or a vector is too long.
    """
    if 5 * bank.n_features != N_INPUTS or max(bank.hop, bank.envelopes_per_vector) > 65_535:
        raise SettingsError(
            "the C code is for 9 features of hops of 65,535 samples and vectors of 65,535 hops at "
            "most"
        )


def _n_merged(aggregator: Aggregator) -> int:
    return int(getattr(aggregator, "n_merged", 0))
