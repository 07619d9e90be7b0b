"""Strategies of a grid and the aggregators that each of them is tried with."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Content
from fedasc.errors import SettingsError
from fedasc.experiments.sweep import swept, swept_releases
from fedasc.release.release import Release
from fedasc.strategies.strategy import Strategy, check_pair

_AGGREGATOR: type[Aggregator] = Aggregator  # type: ignore[type-abstract]  # never built
_STRATEGY: type[Strategy] = Strategy  # type: ignore[type-abstract]  # never built


class Sender(NamedTuple):
    """What a device does with its day.

    Args:
        section, label: Of the grid.
        aggregator: How it is summarised.
        release: What of that may leave the device.
    """

    section: str
    label: str
    aggregator: Aggregator
    release: Release


def paired_up(
    aggregators: Any, strategies: Any, *, release: Release, where: str
) -> list[tuple[str, Strategy, Sender]]:
    """Pairs by strategy, then by sender, in the order of the sections; strategies with labels.

    Args:
        aggregators, strategies: Sections by label, see `swept`. Under `release` an aggregator may
            say what may leave, and under `with` a strategy may name the sections of the aggregators
            that it is tried with; else what fits is.
        release: What may leave otherwise.

    Raises:
        SettingsError: If they can't be used.
    """
    place = f"{where}.aggregators"
    senders = [
        sender
        for label, section in _sections(aggregators, where=place)
        for sender in _senders(label, section, release=release, where=f"{place}.{label}")
    ]
    _check_unique([sender.label for sender in senders], where=where)
    pairs: list[tuple[str, Strategy, Sender]] = []
    for section_label, section in _sections(strategies, where=f"{where}.strategies"):
        place, settings = f"{where}.strategies.{section_label}", dict(section)
        wanted = settings.pop("with", None)
        made = list(swept(_STRATEGY, section_label, settings, where=place))
        _check_unique([label for label, _ in made], where=place)
        for label, strategy in made:
            default = strategy.default_aggregator
            if wanted is not None:
                fitting = _named(strategy, senders, wanted, where=f"{place}.with")
            elif Content in strategy.accepts:  # any fits, and it matters to none
                fitting = [sender for sender in senders if sender.aggregator.name == default]
                if not fitting:  # it needn't be named
                    fitting = _senders(default, {}, release=release, where=f"{place}.{default}")
                    senders += fitting
            else:
                kinds = strategy.accepts
                fitting = [one for one in senders if issubclass(one.aggregator.kind, kinds)]
            if not fitting:
                accepted = " or ".join(
                    kind.kind for kind in strategy.accepts if kind is not Content
                )
                raise SettingsError(
                    f"{place}: no aggregator of the grid goes with it"
                    f"{accepted and '; it needs '}{accepted}; with it usually goes {default!r}"
                )
            pairs += [(label, strategy, sender) for sender in fitting]
    if not pairs:
        raise SettingsError(f"{where}: nothing to compare; name a strategy at least")
    _check_unique([f"{label}, {sender.label}" for label, _, sender in pairs], where=where)
    unused = {sender.section for sender in senders} - {sender.section for *_, sender in pairs}
    for section_label in sorted(unused):
        raise SettingsError(
            f"{where}.aggregators.{section_label}: no strategy of the grid uses it; add one, or "
            "take it out"
        )
    return pairs


def _senders(
    label: str, section: Mapping[str, Any], *, release: Release, where: str
) -> list[Sender]:
    """All that a section stands for."""
    settings = dict(section)
    releases = list(swept_releases(settings.pop("release", {}), release, where=f"{where}.release"))
    return [
        Sender(label, f"{name}{words}", aggregator, one)
        for name, aggregator in swept(_AGGREGATOR, label, settings, where=where)
        for words, one in releases
    ]


def _sections(content: Any, *, where: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    if not isinstance(content, Mapping):
        raise SettingsError(f"{where}: expected sections [{where}.LABEL], got {content!r}")
    for label, section in content.items():
        if not isinstance(section, Mapping):
            raise SettingsError(f"{where}.{label}: expected a section, got {section!r}")
    return content.items()


def _named(strategy: Strategy, senders: list[Sender], wanted: Any, *, where: str) -> list[Sender]:
    if not (isinstance(wanted, list) and all(isinstance(label, str) for label in wanted)):
        raise SettingsError(f"{where}: expected a list of labels, got {wanted!r}")
    sections = dict.fromkeys(sender.section for sender in senders)
    for section in wanted:
        if section not in sections:
            near = get_close_matches(section, sections, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {listed(sections)}"
            raise SettingsError(f"{where}: no aggregator {section!r} in the grid; {hint}")
    named = [sender for section in wanted for sender in senders if sender.section == section]
    for sender in named:
        try:
            check_pair(sender.aggregator, strategy)
        except SettingsError as error:
            raise SettingsError(f"{where}: {error}") from None
    return named


def _check_unique(labels: list[str], *, where: str) -> None:
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise SettingsError(f"{where}: {twice[0]!r} is there twice; give one of them another label")


def listed(names: Iterable[str]) -> str:
    """Names in quotes."""
    return ", ".join(map(repr, names))
