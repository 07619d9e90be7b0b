"""What is compared: a settings file with a section [comparison]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fedasc.config import from_mapping, given, merged
from fedasc.errors import SettingsError
from fedasc.experiments.audit_plan import AuditPlan
from fedasc.experiments.cell import Variant
from fedasc.experiments.pairs import listed, paired_up
from fedasc.experiments.preset import preset_content
from fedasc.plugins import as_section
from fedasc.population.profile import Profiles
from fedasc.probes.probe import Probe
from fedasc.settings import settings_of
from fedasc.strategies.distilled import DistilledStrategy


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What is compared, and how often.

    Args:
        variants: By strategy, then by aggregator, in the order of the file; these are also the
            parts of their labels.
        n_repetitions: Each splits the corpus anew by group.
        baseline: The variant that all others are tested against.
        audit: What attacks on releases are tried.
    """

    variants: tuple[Variant, ...]
    n_repetitions: int
    baseline: Variant
    audit: AuditPlan = field(default_factory=AuditPlan)

    @property
    def control(self) -> Variant | None:
        """What the server makes of its own recordings with nothing sent, if it is compared."""
        for variant in self.variants:
            if isinstance(variant.settings.strategy, DistilledStrategy):
                return variant
        return None

    def as_section(self) -> dict[str, Any]:
        """Every setting, defaults included."""
        sections = [as_section(variant.settings) for variant in self.variants]
        entries = [
            {
                "strategy_label": variant.label[0],
                "aggregator_label": variant.label[1],
                **{name: section.pop(name) for name in ("strategy", "aggregator", "release")},
            }
            for variant, section in zip(self.variants, sections, strict=True)
        ]
        plan = {
            "n_repetitions": self.n_repetitions,
            "baseline": self.baseline.label[0],
            "privacy": as_section(self.audit),
        }
        return {"comparison": {**plan, "entries": entries}, **sections[0]}


@dataclass(frozen=True, kw_only=True)
class _Comparison:
    n_repetitions: int = 10
    baseline: str = "none"
    privacy: AuditPlan = field(default_factory=AuditPlan)

    def __post_init__(self) -> None:
        if self.n_repetitions < 1:
            raise SettingsError(f"n_repetitions must be at least 1, got {self.n_repetitions}")


def read_grid(
    name: str | Mapping[str, Any],
    *,
    seed: int | None = None,
    n_repetitions: int | None = None,
    n_clients: int | None = None,
    probes: Sequence[Probe] = (),
    attack: Mapping[str, Any] | None = None,
    audit: Mapping[str, Any] | None = None,
    profiles: Profiles | None = None,
) -> Grid:
    """The grid in a file, or in a preset that comes along.

    Args:
        name: Of the preset, or a path; or what such a file says.
        seed, n_repetitions, n_clients: In place of the file's.
        probes: Beside the file's, of which there are none unless it says so.
        attack, audit: Of the sections attack and comparison.privacy, in place of the file's; None
            for what wasn't given.
        profiles: Whose users' settings hold where the file says nothing.

    Raises:
        SettingsError: If they can't be used.
    """
    where, content = preset_content(name) if isinstance(name, str) else ("grid", dict(name))
    section, place = content.pop("comparison", None), f"{where}.comparison"
    if not isinstance(section, Mapping):
        raise SettingsError(
            f"{where}: names nothing to compare; give it sections [comparison.aggregators.LABEL] "
            "and [comparison.strategies.LABEL]"
        )
    for family, plural in (("aggregator", "aggregators"), ("strategy", "strategies")):
        if family in content:
            raise SettingsError(
                f"{where}.{family}: has no place in a comparison; say [comparison.{plural}.LABEL]"
            )
    content = merged(content, given({"seed": seed, "n_clients": n_clients, "attack": attack or {}}))
    settings = settings_of({"probes": [], **content}, where=where, profiles=profiles)
    settings = replace(settings, probes=(*settings.probes, *probes))
    plan = merged(section, given({"n_repetitions": n_repetitions, "privacy": audit or {}}))
    plugins = [plan.pop(family, {}) for family in ("aggregators", "strategies")]
    variants = tuple(
        Variant(
            label=(label, sender.label),
            settings=replace(
                settings, strategy=strategy, aggregator=sender.aggregator, release=sender.release
            ),
        )
        for label, strategy, sender in paired_up(*plugins, release=settings.release, where=place)
    )
    read = from_mapping(_Comparison, plan, where=place)
    return Grid(
        variants=variants,
        n_repetitions=read.n_repetitions,
        baseline=_baseline(variants, read.baseline, where=f"{place}.baseline"),
        audit=read.privacy,
    )


def _baseline(variants: tuple[Variant, ...], label: str, *, where: str) -> Variant:
    called = [variant for variant in variants if variant.label[0] == label]
    if not called:
        labels = listed(dict.fromkeys(variant.label[0] for variant in variants))
        raise SettingsError(
            f"{where}: no strategy {label!r} in the grid; name one of {labels}, or add it"
        )
    if len(called) > 1:
        raise SettingsError(
            f"{where}: {label!r} is paired with {listed(variant.label[1] for variant in called)}; "
            "add the strategy once more, under a label of its own and `with` one of them, and name "
            "that"
        )
    return called[0]
