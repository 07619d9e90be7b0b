"""When it pays to be personal: users of many kinds, and a personal classifier beside its rivals."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Content
from fedasc.config import from_mapping, given, merged
from fedasc.errors import SettingsError
from fedasc.evaluation.scores import CLASSIFIERS, RIVALS
from fedasc.experiments.cell import Variant
from fedasc.experiments.conditions import Condition, WhenPlan
from fedasc.experiments.preset import preset_content
from fedasc.plugins import as_section
from fedasc.population.profile import Profiles
from fedasc.settings import Settings, settings_of
from fedasc.strategies.strategy import Strategy

PERSONAL = "personal"
"""What is held against all rivals."""

_AGGREGATOR: type[Aggregator] = Aggregator  # type: ignore[type-abstract]  # never built
_STRATEGY: type[Strategy] = Strategy  # type: ignore[type-abstract]  # never built
_ASKS = "n_questions"
_SOURCES = "n_sources"
_OF_AXES = {
    "": ("n_clients",),
    "listening": ("n_heard",),
    "users": ("familiarity", "share_concentration", _SOURCES),
}
"""Settings by section which `Condition.changes` says."""


@dataclass(frozen=True, kw_only=True)
class WhenGrid:
    """What is made for a map.

    Args:
        plan: Its axes.
        rivals: Labels of what the personal classifier is held against, those that every device
            has beside it first (`fedasc.evaluation.scores.RIVALS`).
        systems: By condition and label, what has cells of its own.
    """

    plan: WhenPlan
    rivals: tuple[str, ...]
    systems: Mapping[tuple[Condition, str], Variant]

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Of all conditions; what two have in common is made once (`Design.missing`)."""
        return tuple(self.systems.values())

    def as_section(self) -> dict[str, Any]:
        """Every setting, defaults included; under `world` those of the first condition."""
        first = self.plan.conditions[0]
        strategies = {
            label: as_section(variant.settings.strategy)
            for (condition, label), variant in self.systems.items()
            if condition == first
        }
        world = as_section(self.systems[first, PERSONAL].settings)
        return {"when": as_section(self.plan), "strategies": strategies, "world": world}


def read_when(
    name: str,
    *,
    seed: int | None = None,
    n_repetitions: int | None = None,
    axes: Mapping[str, Any] | None = None,
    profiles: Profiles | None = None,
) -> WhenGrid:
    """The map in a file, or in the preset that comes along.

    Args:
        name: Of the preset, or a path.
        seed, n_repetitions: In place of the file's.
        axes: Lists of values by axis, likewise; None for what wasn't given.
        profiles: Whose users' settings hold where neither the file nor an axis says anything.

    Raises:
        SettingsError: If they can't be used.
    """
    where, content = preset_content(name)
    section, place = content.pop("when", None), f"{where}.when"
    if not isinstance(section, Mapping):
        raise SettingsError(f"{where}: has no map; give it a section [when]")
    if "strategy" in content:
        raise SettingsError(
            f"{where}.strategy: has no place in a map; say [when.personal] and [when.rivals.LABEL]"
        )
    _check_free(content, where=where)
    changes = given({"n_repetitions": n_repetitions, **(axes or {})})
    plan = {**section, **changes}
    sections = {PERSONAL: plan.pop("personal", {}), **_rivals(plan.pop("rivals", {}), place)}
    strategies = {
        label: _STRATEGY.from_section(one, where=f"{place}.{label}")
        for label, one in sections.items()
    }
    read = from_mapping(WhenPlan, plan, where=place)
    if max(read.answers) and not _asks(strategies[PERSONAL]):
        raise SettingsError(
            f"{place}.answers: strategy {strategies[PERSONAL].name!r} in [when.personal] asks "
            "nothing; name 'answered' there, or say answers = [0]"
        )
    # "all" sources is to say nothing of them
    users = {k: v for k, v in (profiles.user_settings if profiles else {}).items() if k != _SOURCES}
    content = merged({"probes": [], "users": users}, merged(content, given({"seed": seed})))
    systems: dict[tuple[Condition, str], Variant] = {}
    for condition in read.conditions:
        settings = settings_of(merged(content, condition.changes()), where=where)
        for label, strategy in strategies.items():
            systems[condition, label] = Variant(
                label=(label, *condition.words),
                settings=_served(settings, _told(strategy, condition.answers)),
            )
    return WhenGrid(plan=read, rivals=(*RIVALS, *list(strategies)[1:]), systems=systems)


def _check_free(content: Mapping[str, Any], *, where: str) -> None:
    """Hold that a file leaves to the axes what they say."""
    for section, names in _OF_AXES.items():
        here = content.get(section, {}) if section else content
        for name in names:
            if isinstance(here, Mapping) and name in here:
                raise SettingsError(
                    f"{where}: {name} is what an axis of the map says; say it in [when]"
                )


def _rivals(sections: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(sections, Mapping):
        raise SettingsError(f"{place}.rivals: expected sections [when.rivals.LABEL]")
    for label in sections:
        if label in CLASSIFIERS:
            raise SettingsError(f"{place}.rivals.{label}: is there anyway; give it another label")
    return {
        label: {"name": label, **one} if isinstance(one, Mapping) else one
        for label, one in sections.items()
    }


def _asks(strategy: Strategy) -> bool:
    return _ASKS in {field.name for field in fields(strategy)}  # type: ignore[arg-type]


def _told(strategy: Strategy, n_answers: int) -> Strategy:
    """The strategy when users answer so many questions, if it asks any."""
    return replace(strategy, **{_ASKS: n_answers}) if _asks(strategy) else strategy  # type: ignore[type-var]


def _served(settings: Settings, strategy: Strategy) -> Settings:
    """Settings with a strategy, and without a summary if it needs none."""
    needs_none = Content in strategy.accepts
    usual = _AGGREGATOR.from_section(strategy.default_aggregator, where="aggregator")
    aggregator = usual if needs_none else settings.aggregator
    return replace(settings, strategy=strategy, aggregator=aggregator)
