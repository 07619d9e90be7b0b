"""Variants of a study's settings, to choose between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fedasc.config import merged
from fedasc.errors import SettingsError
from fedasc.evaluation.paired import Paired, paired
from fedasc.settings import Settings
from fedasc.study.point import Point
from fedasc.study.preset import Plan, plan_and_settings, preset_content

SYSTEMS = ("baseline", "comprehensive", "personal", "teacher")


def read_variants(
    name: str, *, seed: int | None = None, n_repetitions: int | None = None
) -> tuple[Mapping[str, Settings], Plan]:
    """The settings of each variant by name, and the plan that all of them follow.

    Args:
        name: Of a preset that comes with fedasc, or the path of a file in the format of a preset
            with tables [variants.NAME.SECTION] of what is different.
        seed: In place of the file's.
        n_repetitions: In place of the file's.

    Raises:
        SettingsError: If they can't be used.
    """
    where, content = preset_content(name)
    variants = content.pop("variants", None)
    if not isinstance(variants, Mapping) or not variants:
        raise SettingsError(
            f"{where}: names nothing to choose between; give it tables [variants.NAME.SECTION]"
        )
    found = {}
    for variant, changes in variants.items():
        if not isinstance(changes, Mapping):
            raise SettingsError(f"{where}: variants.{variant} must be a table of settings")
        settings, plan = plan_and_settings(
            merged(content, changes),
            where=f"{where}, variant {variant!r}",
            seed=seed,
            n_repetitions=n_repetitions,
        )
        found[variant] = settings
    return found, plan


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A variant over all repetitions; shares lie between 0 and 1.

    Args:
        variant: Its name.
        accuracy: Of each of `SYSTEMS`, the mean over users and repetitions.
        over_baseline, over_comprehensive: Gains of the personal classifiers, meaned over users.
        by_user: Gain of each user over the comprehensive classifier.
    """

    variant: str
    accuracy: Mapping[str, float]
    over_baseline: Paired
    over_comprehensive: Paired
    by_user: Mapping[str, Paired]


def weigh(variant: str, points: Sequence[Point]) -> Choice:
    """What a variant reached, from the points of its study, which has one mixture per user."""
    users = list(dict.fromkeys(point.user for point in points))
    scores = {(p.system, p.user, p.repetition): p.score.accuracy for p in points}
    repetitions = sorted({point.repetition for point in points})

    def of(system: str, some: Sequence[str]) -> list[float]:
        return [
            float(np.mean([scores[system, user, number] for user in some]))
            for number in repetitions
        ]

    return Choice(
        variant=variant,
        accuracy={system: float(np.mean(of(system, users))) for system in SYSTEMS},
        over_baseline=paired(of("personal", users), of("baseline", users)),
        over_comprehensive=paired(of("personal", users), of("comprehensive", users)),
        by_user={
            user: paired(of("personal", [user]), of("comprehensive", [user])) for user in users
        },
    )
