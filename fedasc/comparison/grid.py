"""What is compared: a settings file with a section [comparison]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Content
from fedasc.comparison.sweep import swept, swept_releases
from fedasc.config import from_mapping, given
from fedasc.errors import SettingsError
from fedasc.plugins import Plugin
from fedasc.release.release import Release
from fedasc.settings import Settings, settings_of
from fedasc.strategies.strategy import Strategy, check_pair
from fedasc.study.preset import preset_content

P = TypeVar("P", bound=Plugin)

_AGGREGATOR: type[Aggregator] = Aggregator  # type: ignore[type-abstract]  # never built
_STRATEGY: type[Strategy] = Strategy  # type: ignore[type-abstract]  # never built


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A pair that is compared with the others.

    Args:
        strategy_label, aggregator_label: What to call them.
        strategy: How the server makes classifiers.
        aggregator: How devices summarise; it sends what the strategy accepts.
        release: What of that may leave them.
    """

    strategy_label: str
    aggregator_label: str
    strategy: Strategy
    aggregator: Aggregator
    release: Release

    @property
    def label(self) -> str:
        return f"{self.strategy_label}, {self.aggregator_label}"


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What is compared, and how often.

    Args:
        settings: Of every repetition, but for the seed; its own plug-ins and its release stage are
            of no account, since entries have theirs.
        n_repetitions: Each splits the corpus anew by group; repetition i has the seed plus i.
        entries: By strategy, then by aggregator, in the order of the file.
        baseline: The entry that all others are tested against.
    """

    settings: Settings
    n_repetitions: int
    entries: tuple[Entry, ...]
    baseline: Entry


@dataclass(frozen=True, kw_only=True)
class _Plan:
    n_repetitions: int = 10
    baseline: str = "none"

    def __post_init__(self) -> None:
        if self.n_repetitions < 1:
            raise SettingsError(f"n_repetitions must be at least 1, got {self.n_repetitions}")


def read_grid(
    name: str,
    *,
    seed: int | None = None,
    n_repetitions: int | None = None,
    n_clients: int | None = None,
) -> Grid:
    """The grid in a file, or in a preset that comes along.

    Args:
        name: Of the preset, or a path.
        seed, n_repetitions, n_clients: In place of the file's.

    Raises:
        SettingsError: If they can't be used.
    """
    where, content = preset_content(name)
    comparison = content.pop("comparison", None)
    if not isinstance(comparison, Mapping):
        raise SettingsError(
            f"{where}: names nothing to compare; give it sections [comparison.aggregators.LABEL] "
            "and [comparison.strategies.LABEL]"
        )
    for family in ("aggregator", "strategy"):
        if family in content:
            plural = {"aggregator": "aggregators", "strategy": "strategies"}[family]
            raise SettingsError(
                f"{where}.{family}: has no place in a comparison; say [comparison.{plural}.LABEL]"
            )
    plan = dict(comparison)
    content |= given({"seed": seed, "n_clients": n_clients})
    settings = settings_of(content, where=where)
    entries = _entries(
        *(
            _sections(plan.pop(family, {}), where=f"{where}.comparison.{family}")
            for family in ("aggregators", "strategies")
        ),
        release=settings.release,
        where=f"{where}.comparison",
    )
    plan |= given({"n_repetitions": n_repetitions})
    its = from_mapping(_Plan, plan, where=f"{where}.comparison")
    return Grid(
        settings=settings,
        n_repetitions=its.n_repetitions,
        entries=entries,
        baseline=_baseline(entries, its.baseline, where=f"{where}.comparison"),
    )


_Sections = Mapping[str, Mapping[str, Any]]


def _sections(content: Any, *, where: str) -> _Sections:
    if not isinstance(content, Mapping):
        raise SettingsError(f"{where}: expected sections [{where}.LABEL], got {content!r}")
    for label, section in content.items():
        if not isinstance(section, Mapping):
            raise SettingsError(f"{where}.{label}: expected a section, got {section!r}")
    return content


class _Sender(NamedTuple):
    """What a device does with its day."""

    aggregator: Aggregator
    release: Release


_Senders = Mapping[str, Mapping[str, _Sender]]
"""Of a grid, by section and label."""


def _senders(
    label: str, section: Mapping[str, Any], *, release: Release, where: str
) -> dict[str, _Sender]:
    """The aggregators and release stages that a section stands for, by label."""
    settings = dict(section)
    releases = list(swept_releases(settings.pop("release", {}), release, where=f"{where}.release"))
    aggregators = _unique(_AGGREGATOR, label, settings, where=where)
    senders = [
        (f"{name}{words}", _Sender(aggregator, its))
        for name, aggregator in aggregators.items()
        for words, its in releases
    ]
    _check_labels([name for name, _ in senders], where=where)
    return dict(senders)


def _completed(known: _Senders, strategy: Strategy, *, release: Release, where: str) -> _Senders:
    """With the usual aggregator of a strategy, which needn't be named."""
    usual = strategy.default_aggregator
    if usual in known or _called(known, usual):
        return known
    return {**known, usual: _senders(usual, {}, release=release, where=f"{where}.{usual}")}


def _called(known: _Senders, name: str) -> list[str]:
    """The sections with an aggregator of that name."""
    return [
        section
        for section, senders in known.items()
        if any(sender.aggregator.name == name for sender in senders.values())
    ]


def _entries(
    aggregators: _Sections, strategies: _Sections, *, release: Release, where: str
) -> tuple[Entry, ...]:
    known: _Senders = {
        label: _senders(label, section, release=release, where=f"{where}.aggregators.{label}")
        for label, section in aggregators.items()
    }
    _check_labels([label for its in known.values() for label in its], where=where)
    entries: list[Entry] = []
    for label, section in strategies.items():
        place = f"{where}.strategies.{label}"
        settings = dict(section)
        wanted = settings.pop("with", None)
        for its_label, strategy in _unique(_STRATEGY, label, settings, where=place).items():
            its_wanted = wanted
            if wanted is None and Content in strategy.accepts:  # any fits, and it matters to none
                known = _completed(known, strategy, release=release, where=place)
                its_wanted = _called(known, strategy.default_aggregator)
            pairs = _pairs(strategy, known, its_wanted, where=place)
            entries += [
                Entry(
                    strategy_label=its_label,
                    aggregator_label=name,
                    strategy=strategy,
                    aggregator=sender.aggregator,
                    release=sender.release,
                )
                for name, sender in pairs.items()
            ]
    if not entries:
        raise SettingsError(f"{where}: nothing to compare; name a strategy at least")
    _check_labels([entry.label for entry in entries], where=where)
    used = {entry.aggregator_label for entry in entries}
    for section_label, its in known.items():
        if not used & its.keys():
            raise SettingsError(
                f"{where}.aggregators.{section_label}: no strategy of the grid uses it; add one, "
                "or take it out"
            )
    return tuple(entries)


def _pairs(strategy: Strategy, known: _Senders, wanted: Any, *, where: str) -> dict[str, _Sender]:
    """The aggregators that a strategy is tried with, by label."""
    if wanted is None:
        fitting = {
            label: sender
            for senders in known.values()
            for label, sender in senders.items()
            if issubclass(sender.aggregator.kind, strategy.accepts)
        }
    else:
        fitting = _wanted(strategy, known, wanted, where=where)
    if not fitting:
        accepted = " or ".join(kind.kind for kind in strategy.accepts if kind is not Content)
        raise SettingsError(
            f"{where}: no aggregator of the grid goes with it{accepted and '; it needs '}"
            f"{accepted}; with it usually goes {strategy.default_aggregator!r}"
        )
    return fitting


def _wanted(strategy: Strategy, known: _Senders, wanted: Any, *, where: str) -> dict[str, _Sender]:
    if not (isinstance(wanted, list) and all(isinstance(label, str) for label in wanted)):
        raise SettingsError(f"{where}.with: expected a list of labels, got {wanted!r}")
    chosen: dict[str, _Sender] = {}
    for section in wanted:
        if section not in known:
            near = get_close_matches(section, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {_list(known)}"
            raise SettingsError(f"{where}.with: no aggregator {section!r} in the grid; {hint}")
        for label, sender in known[section].items():
            try:
                check_pair(sender.aggregator, strategy)
            except SettingsError as error:
                raise SettingsError(f"{where}.with: {error}") from None
            chosen[label] = sender
    return chosen


def _unique(root: type[P], label: str, section: Mapping[str, Any], *, where: str) -> dict[str, P]:
    found = list(swept(root, label, section, where=where))
    _check_labels([its_label for its_label, _ in found], where=where)
    return dict(found)


def _check_labels(labels: Sequence[str], *, where: str) -> None:
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise SettingsError(f"{where}: {twice[0]!r} is there twice; give one of them another label")


def _baseline(entries: Sequence[Entry], label: str, *, where: str) -> Entry:
    found = [entry for entry in entries if entry.strategy_label == label]
    if not found:
        labels = _list(dict.fromkeys(entry.strategy_label for entry in entries))
        raise SettingsError(
            f"{where}.baseline: no strategy {label!r} in the grid; name one of {labels}, or add it"
        )
    if len(found) > 1:
        raise SettingsError(
            f"{where}.baseline: {label!r} is paired with "
            f"{_list(entry.aggregator_label for entry in found)}; add the strategy once more, under"
            " a label of its own and `with` one of them, and name that"
        )
    return found[0]


def _list(names: Any) -> str:
    return ", ".join(repr(name) for name in names)
