"""Options of a command line in place of what a settings file says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fedasc.aggregators.aggregator import Aggregator
from fedasc.attacks.attack import Attack
from fedasc.config import given, merged
from fedasc.errors import SettingsError
from fedasc.models.teacher import TeacherSettings
from fedasc.plugins import as_named
from fedasc.probes.probe import Probe
from fedasc.settings import DEFAULT_PROBES, Settings
from fedasc.strategies.strategy import Strategy

_DEFAULTS = {
    "teacher": TeacherSettings.family.default,
    "aggregator": Aggregator.family.default,
    "strategy": Strategy.family.default,
}
"""Names of the plug-ins that are meant if none is named, by section."""


def with_options(content: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they were read, with options in their place.

    Args:
        content: Of a settings file.
        options: By setting, sections as mappings; None for what wasn't given.
    """
    chosen = given(options)
    kept = {
        key: as_named(value) if key in _DEFAULTS else value
        for key, value in content.items()
        # The settings of one plug-in mean nothing to another.
        if not (key in _DEFAULTS and _is_another(key, as_named(value), chosen.get(key)))
    }
    return merged(kept, chosen)


def _is_another(key: str, section: Any, chosen: Mapping[str, Any] | None) -> bool:
    named = chosen.get("name") if chosen else None
    if named is None or not isinstance(section, Mapping):
        return False
    return bool(named != section.get("name", _DEFAULTS[key]))


def with_probes(settings: Settings, names: Sequence[str] | None, *, why: bool) -> Settings:
    """Settings with other probes.

    Args:
        names: Of further ones.
        why: Whether to keep those that every run has, whose answer is why a night helped or not.

    Raises:
        SettingsError: If there is no such probe, or two of them tell the same.
    """
    usual = {type(probe) for probe in DEFAULT_PROBES}
    kept = [probe for probe in settings.probes if why or type(probe) not in usual]
    further = (probe for probe in probes_named(names) if probe not in kept)
    return replace(settings, probes=(*kept, *further))


def probes_named(names: Sequence[str] | None) -> tuple[Probe, ...]:
    """The probes of a command line.

    Raises:
        SettingsError: If there is no such probe.
    """
    return tuple(Probe.from_section({"name": name}, where="--probe") for name in names or ())


def check_attackers(share: float | None, attack: Attack) -> None:
    """Hold that who attacks is told how.

    Args:
        share: Of users whose devices attack, if the command line said it.
        attack: What all settings say together.

    Raises:
        SettingsError: If nobody said how.
    """
    if share is not None and attack.name == "none":
        raise SettingsError(
            "--attackers says how many attack, but nothing says how; give --attack, too"
        )
