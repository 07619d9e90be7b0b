"""Results of a night as rows per device and as a summary, for files and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from fedasc.corpus.manifest import SEPARATOR
from fedasc.evaluation.scores import Confusion, Spread, spread
from fedasc.night import Night
from fedasc.population.users import User
from fedasc.scenario import Scenario
from fedasc.scenes import SCENE_NAMES, Scene

CLASSIFIERS = ("baseline", "personal", "comprehensive", "teacher")

Row = Mapping[str, Any]
"""One device: what its user hears, what was sent, and every classifier's scores."""


def rows(scenario: Scenario, night: Night) -> tuple[dict[str, Any], ...]:
    """One row per device whose user was there, with nothing where nothing was sent.

    Args:
        scenario: Who the users are.
        night: What the night brought.
    """
    return tuple(
        _row(scenario.user(device, night.number), night) for device in night.attendance.members
    )


def _row(user: User, night: Night) -> dict[str, Any]:
    summary, personal = night.summaries.get(user.index), night.personal.get(user.index)
    diagnosis = night.diagnoses[user.index]
    tally = personal.tally if personal else None
    return {
        "night": night.number,
        "device": user.index,
        "profile": user.profile,
        "noise_types": SEPARATOR.join(user.surroundings.noise_types or ()),
        "genres": SEPARATOR.join(user.surroundings.genres or ()),
        "gain_db": round(user.microphone.gain_db, 3),
        "tilt_db": round(user.microphone.tilt_db, 3),
        "distance": round(user.distance, 4),
        **_scores({**night.scores[user.index], "teacher": diagnosis.teacher}),
        "took_part": night.attendance.word(user.index),
        "bytes_up": summary.n_bytes if summary else 0,
        "bytes_down": personal.classifier.n_bytes if personal else 0,
        "n_windows": summary.n_windows if summary else "",
        "n_drawn": tally.n_drawn if tally else "",
        "n_kept": tally.n_kept if tally else "",
        "n_wanted": tally.n_wanted if tally else "",
        **diagnosis.facts,
    }


def _scores(scores: Mapping[str, Confusion]) -> dict[str, float]:
    found = {}
    for name in CLASSIFIERS:
        found[f"{name}_accuracy"] = scores[name].accuracy
        for scene, scene_name in zip(Scene, SCENE_NAMES, strict=True):
            found[f"{name}_{scene_name}"] = scores[name].recall(scene)
    return found


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


def summarise_profiles(results: Sequence[Row]) -> tuple[ProfileSummary, ...]:
    """A summary of each profile in order of appearance, and at last of all users."""
    names = list(dict.fromkeys(row["profile"] for row in results))
    summaries = [
        _summary(name, [row for row in results if row["profile"] == name]) for name in names
    ]
    return (*summaries, _summary("all", results))


def _summary(name: str, results: Sequence[Row]) -> ProfileSummary:
    def difference(first: str, second: str) -> Spread:
        return spread([row[first] - row[second] for row in results])

    def medians(score: str) -> dict[str, float]:
        return {
            name: spread([row[f"{name}_{score}"] for row in results]).median for name in CLASSIFIERS
        }

    worse = [row["personal_accuracy"] < row["baseline_accuracy"] for row in results]
    return ProfileSummary(
        profile=name,
        n_users=len(results),
        accuracy=medians("accuracy"),
        noise=medians("noise"),
        gain=difference("personal_accuracy", "baseline_accuracy"),
        gain_noise=difference("personal_noise", "baseline_noise"),
        gain_over_comprehensive=difference("personal_accuracy", "comprehensive_accuracy"),
        noise_over_comprehensive=difference("personal_noise", "comprehensive_noise"),
        made_worse=float(np.mean(worse)),
    )
