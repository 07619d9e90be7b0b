"""Variants of settings to choose between, as a design: a settings file with tables [variants]."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fedasc.config import merged
from fedasc.corpus.recordings import Corpus
from fedasc.errors import SettingsError
from fedasc.experiments.design import Design
from fedasc.experiments.paper import personal_variants
from fedasc.experiments.preset import Plan, plan_and_settings, preset_content
from fedasc.population.profile import Profiles
from fedasc.settings import Settings


def read_variants(
    name: str,
    *,
    seed: int | None = None,
    n_repetitions: int | None = None,
    profiles: Profiles | None = None,
) -> tuple[Mapping[str, Settings], Plan]:
    """The settings of each variant by name, and the plan that all of them follow.

    Args:
        name: Of a preset that comes with fedasc, or the path of a file in the format of a preset
            with tables [variants.NAME.SECTION] of what is different.
        seed: In place of the file's.
        n_repetitions: In place of the file's.
        profiles: Whose users' settings hold where the file says nothing.

    Raises:
        SettingsError: If they can't be used.
    """
    where, content = preset_content(name)
    tables = content.pop("variants", None)
    if not isinstance(tables, Mapping) or not tables:
        raise SettingsError(
            f"{where}: names nothing to choose between; give it tables [variants.NAME.SECTION]"
        )
    variants = {}
    for variant, changes in tables.items():
        if not isinstance(changes, Mapping):
            raise SettingsError(f"{where}: variants.{variant} must be a table of settings")
        variants[variant], plan = plan_and_settings(
            merged(content, changes),
            where=f"{where}, variant {variant!r}",
            seed=seed,
            n_repetitions=n_repetitions,
            profiles=profiles,
        )
    return variants, plan


def choice_design(
    variants: Mapping[str, Settings], plan: Plan, profiles: Profiles, corpora: Sequence[Corpus]
) -> Design:
    """The personal classifiers of each variant, whose names come before the mixture in labels.

    Raises:
        SettingsError: If the plan names users that the profiles lack, or there can be no figure.
    """
    cells = tuple(
        replace(variant, label=(name, *variant.label))
        for name, settings in variants.items()
        for variant in personal_variants(settings, plan, profiles)
    )
    return Design(cells, plan.n_repetitions, profiles, corpora)
