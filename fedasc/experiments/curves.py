"""Curves: one setting after the other, each over several values, as a design."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fedasc.config import from_mapping, given, merged
from fedasc.corpus.recordings import Corpus
from fedasc.errors import SettingsError
from fedasc.experiments.cell import Variant
from fedasc.experiments.design import Design
from fedasc.experiments.preset import preset_content
from fedasc.population.profile import Profiles
from fedasc.settings import settings_of


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A setting and what it is tried at.

    Args:
        setting: Its section and name, such as "answers.wrong".
        values: In order; the others are held against the first.
    """

    setting: str
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if self.setting.count(".") != 1 or not all(self.setting.split(".")):
            raise SettingsError(
                f"curve: setting must be a section and a name, such as answers.wrong, got "
                f"{self.setting!r}"
            )
        if len(self.values) < 2:
            raise SettingsError(f"curve: {self.setting} needs two values at least")

    def settings(self, value: Any) -> dict[str, dict[str, Any]]:
        """What a file would say."""
        section, name = self.setting.split(".")
        return {section: {name: value}}


@dataclass(frozen=True, kw_only=True)
class Study:
    """How often everything is tried.

    Args:
        n_repetitions: Each splits the corpus anew by group; repetition i has the seed plus i.
    """

    n_repetitions: int = 10

    def __post_init__(self) -> None:
        if self.n_repetitions < 1:
            raise SettingsError(f"repetitions must be at least 1, got {self.n_repetitions}")


def read_curves(
    name: str,
    profiles: Profiles,
    corpora: Sequence[Corpus],
    *,
    seed: int | None = None,
    n_repetitions: int | None = None,
    n_clients: int | None = None,
) -> tuple[Mapping[str, Curve], Design]:
    """The curves that a file names, and the design that finds them out.

    Args:
        name: Of a preset that comes along, or the path of a file with tables [curves.NAME].
        profiles: Whose users' settings hold where the file says nothing.
        seed, n_repetitions, n_clients: In place of the file's.

    Raises:
        SettingsError: If they can't be used.
    """
    where, content = preset_content(name)
    tables = content.pop("curves", None)
    if not isinstance(tables, Mapping) or not tables:
        raise SettingsError(f"{where}: names no curve; give it tables [curves.NAME]")
    section = merged(content.pop("study", {}), given({"n_repetitions": n_repetitions}))
    study = from_mapping(Study, section, where=f"{where}, study")
    content = merged(content, given({"seed": seed, "n_clients": n_clients}))
    curves = {
        label: from_mapping(Curve, table, where=f"{where}, curve {label!r}")
        for label, table in tables.items()
    }
    variants = tuple(
        Variant(
            label=(label, str(value)),
            settings=settings_of(
                merged(content, curve.settings(value)),
                where=f"{where}, curve {label!r}",
                profiles=profiles,
            ),
        )
        for label, curve in curves.items()
        for value in curve.values
    )
    return curves, Design(variants, study.n_repetitions, profiles, corpora)
