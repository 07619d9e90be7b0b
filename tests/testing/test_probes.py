"""Builtin probes keep the contract, and each check tells a probe that doesn't."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from fedasc.probes.probe import Probe
from fedasc.probes.sight import Sight
from fedasc.testing import check_probe
from fedasc.testing import probes as checks
from simulations.plugins.scenes import ScenesHeard

PROBES = {name: Probe.from_section(name, where="x") for name in Probe.family.builtin}


@pytest.mark.parametrize("probe", [*PROBES.values(), ScenesHeard()], ids=[*PROBES, "scenes"])
def test_probes_keep_the_contract(probe: Probe) -> None:
    check_probe(probe)


@dataclass(frozen=True, kw_only=True)
class Loudness(Probe):
    """Broken in whatever way its heirs say; by itself it does all that it must."""

    columns: ClassVar[tuple[str, ...]] = ("loudness",)

    def look(self, sight: Sight) -> Mapping[str, Any]:
        return {"loudness": self.of(sight)} if sight.personal else {}

    def of(self, sight: Sight) -> Any:
        return sight.heard.x.mean() + sight.rng().normal()


@dataclass(frozen=True, kw_only=True)
class Twice(Loudness):
    columns = ("loudness", "loudness")


@dataclass(frozen=True, kw_only=True)
class Plain(Loudness):
    columns = "loudness"  # type: ignore[assignment]


@dataclass(frozen=True, kw_only=True)
class Talkative(Loudness):
    def look(self, sight: Sight) -> Mapping[str, Any]:
        return {"loudness": 1.0, "more": 2.0}


@dataclass(frozen=True, kw_only=True)
class Listing(Loudness):
    def of(self, sight: Sight) -> Any:
        return [1.0, 2.0]


@dataclass(frozen=True, kw_only=True)
class Trusting(Loudness):
    """Takes for granted that every device sends something."""

    def look(self, sight: Sight) -> Mapping[str, Any]:
        return {"loudness": sight.summary.n_windows}  # type: ignore[union-attr]


@dataclass(frozen=True, kw_only=True)
class Hopeful(Loudness):
    """Takes for granted that every device gets something."""

    def look(self, sight: Sight) -> Mapping[str, Any]:
        return {"loudness": sight.personal.tally is None}  # type: ignore[union-attr]


@dataclass(frozen=True, kw_only=True)
class Unseeded(Loudness):
    def of(self, sight: Sight) -> Any:
        return np.random.default_rng().normal()


@dataclass(frozen=True, kw_only=True)
class Seeding(Loudness):
    def of(self, sight: Sight) -> Any:
        np.random.seed(sight.device)  # noqa: NPY002
        return np.random.normal()  # noqa: NPY002


N_SEEN: list[int] = []


@dataclass(frozen=True, kw_only=True)
class Counting(Loudness):
    def of(self, sight: Sight) -> Any:
        N_SEEN.append(1)
        return len(N_SEEN)


@dataclass(frozen=True, kw_only=True)
class Shuffling(Loudness):
    def of(self, sight: Sight) -> Any:
        sight.heard.x.sort(axis=0)
        return 1.0


@dataclass(frozen=True, kw_only=True)
class Spawning(Loudness):
    """Draws that depend on who has looked before."""

    def of(self, sight: Sight) -> Any:
        return np.random.default_rng(sight.draws.spawn(1)[0]).normal()


BROKEN: list[tuple[Callable[[Any], None], Probe, str]] = [
    (checks.declares_its_columns, Twice(), "a tuple of columns, each once; it declares"),
    (checks.declares_its_columns, Plain(), "a tuple of columns, each once; it declares"),
    (checks.looks_at_everyone, Talkative(), "tell of a device .*tells more, which its columns"),
    (checks.looks_at_everyone, Listing(), "tell of a device .*expected a text or a number"),
    (checks.looks_at_everyone, Trusting(), "tell of a device that sent nothing .*AttributeError"),
    (checks.looks_at_everyone, Hopeful(), "a device that was served nothing .*AttributeError"),
    (checks.draws_from_its_sight, Unseeded(), "tell the same of a device whenever it looks"),
    (checks.draws_from_its_sight, Seeding(), "the global state of numpy.random"),
    (checks.draws_from_its_sight, Counting(), "the same of a device .*told {.*}, then {"),
    (checks.leaves_its_sight_alone, Shuffling(), "alter nothing of a device; it did"),
    (checks.leaves_its_sight_alone, Spawning(), "alter nothing of a device; it did"),
]


@pytest.mark.parametrize(
    ("check", "broken", "told"),
    BROKEN,
    ids=[f"{check.__name__} {type(broken).__name__}" for check, broken, _ in BROKEN],
)
def test_what_breaks_the_contract_is_told_in_a_line(
    check: Callable[[Any], None], broken: Probe, told: str
) -> None:
    expected = f"probe '.*{type(broken).__name__}' must .*{told}"
    with pytest.raises(AssertionError, match=expected) as seen:
        check(broken)
    assert "\n" not in str(seen.value)
    with pytest.raises(AssertionError):
        check_probe(broken)


def test_what_is_not_broken_is_let_through() -> None:
    """So that those above are broken by what they do, not by what they share."""
    check_probe(Loudness())
