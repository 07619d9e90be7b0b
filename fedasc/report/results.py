"""Results of a night by profile, for files and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter
from typing import Any

import numpy as np

from fedasc.evaluation.scores import CLASSIFIERS, Spread, spread
from fedasc.experiments.record import AnyRecord, R, by_profile, honest, judged


@dataclass(frozen=True, kw_only=True)
class ProfileSummary:
    """The users of a profile, or all users. Accuracies are shares, gains are differences of shares.

    Args:
        profile: Name, or "all".
        n_users: How many.
        accuracy: Median accuracy of each classifier.
        noise: Median share of noise windows that each classifier got right.
        gain: Personal less baseline accuracy.
        gain_noise: The same for the class noise alone.
        gain_over_comprehensive: Personal less comprehensive accuracy.
        noise_over_comprehensive: The same for the class noise alone.
        made_worse: Share of users whose personal classifier is worse than the baseline.
    """

    profile: str
    n_users: int
    accuracy: Mapping[str, float]
    noise: Mapping[str, float]
    gain: Spread
    gain_noise: Spread
    gain_over_comprehensive: Spread
    noise_over_comprehensive: Spread
    made_worse: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def summarise_profiles(records: Sequence[R]) -> tuple[ProfileSummary, ...]:
    """A summary of each profile in order of appearance, and at last of all users.

    Those whose devices were lost or attack don't count.
    """
    parts = by_profile(records)
    everyone = judged(honest(records))
    return tuple(_summary(name, some) for name, some in {**parts, "all": everyone}.items())


def _summary(name: str, records: Sequence[AnyRecord]) -> ProfileSummary:
    accuracy, noise = (
        {
            classifier: np.array([share(record)[classifier] for record in records])
            for classifier in CLASSIFIERS
        }
        for share in (attrgetter("accuracy"), attrgetter("noise"))
    )
    return ProfileSummary(
        profile=name,
        n_users=len(records),
        accuracy={classifier: spread(shares).median for classifier, shares in accuracy.items()},
        noise={classifier: spread(shares).median for classifier, shares in noise.items()},
        gain=spread(accuracy["personal"] - accuracy["baseline"]),
        gain_noise=spread(noise["personal"] - noise["baseline"]),
        gain_over_comprehensive=spread(accuracy["personal"] - accuracy["comprehensive"]),
        noise_over_comprehensive=spread(noise["personal"] - noise["comprehensive"]),
        made_worse=float(np.mean(accuracy["personal"] < accuracy["baseline"])),
    )
