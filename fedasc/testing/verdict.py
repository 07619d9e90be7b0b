"""All that is found out of a plug-in: what it must do, and what it takes."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.device import Device
from fedasc.errors import FedascError
from fedasc.made_up.days import days, sounds
from fedasc.made_up.night import DEVICES, SmallNight
from fedasc.made_up.server import small_server
from fedasc.models.teacher import TeacherSettings
from fedasc.plugins import Plugin
from fedasc.probes.probe import Probe
from fedasc.release.release import Release
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.strategy import Strategy
from fedasc.testing.aggregators import aggregator_checks
from fedasc.testing.measurement import N_TRACED, memory_growth, traced
from fedasc.testing.probes import probe_checks
from fedasc.testing.strategies import strategy_checks
from fedasc.testing.suite import LIMIT_S, Check, Outcome, outcomes
from fedasc.testing.teachers import teacher_checks

_N_TIMED = 100
_N_DAY = 1000
_USUAL = Release()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found out of a plug-in.

    Args:
        family: What kind it is.
        name: What it is called.
        outcomes: Of all checks.
        facts: Of an aggregator, what it takes, by what to call it; each in words.
        days: Of an aggregator, what leaves the device of odd days, by what they are; in words.
        seconds: That all of it took.
    """

    family: str
    name: str
    outcomes: Sequence[Outcome]
    facts: Mapping[str, str]
    days: Mapping[str, str]
    seconds: float

    @property
    def failed(self) -> Sequence[Outcome]:
        return [one for one in self.outcomes if not one.passed]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "family": self.family,
            "name": self.name,
            "passed": not self.failed,
            "checks": [
                {
                    "name": one.name,
                    "passed": one.passed,
                    **({} if one.passed else _told(one)),
                }
                for one in self.outcomes
            ],
            "facts": dict(self.facts),
            "days": dict(self.days),
        }


def verdict_on(plugin: Plugin, *, limit_s: float = LIMIT_S) -> Verdict:
    """Find out all of a plug-in, with days that are made up.

    Args:
        limit_s: For a check.
    """
    began = time.perf_counter()
    _compile(plugin)
    told = tuple(outcomes(plugin, checks_of(plugin), limit_s=limit_s))
    works = isinstance(plugin, Aggregator) and all(
        one.passed for one in told if one.name in ("takes every day", "keeps to its budget")
    )
    return Verdict(
        family=plugin.family.word,
        name=plugin.name,
        outcomes=told,
        facts=_facts(plugin) if works and isinstance(plugin, Aggregator) else {},
        days=dict(_days(plugin)) if works and isinstance(plugin, Aggregator) else {},
        seconds=time.perf_counter() - began,
    )


def _compile(plugin: Plugin) -> None:
    """Have compiled what checks use, so that it counts for none of them."""
    aggregator, day = MomentsAggregator(), sounds(20).x
    for bits in (32, 16, 8):
        _device(aggregator, Release(bits=bits)).summarise(iter(day), seed=0)
    if isinstance(plugin, Strategy):
        strategy = PersonalisedStrategy(n_epochs=1)
        SmallNight.of(GmmAggregator(), devices=DEVICES[:1]).served(strategy)


def checks_of(plugin: Plugin) -> list[Check]:
    """All that a plug-in of its family is held to."""
    if isinstance(plugin, Aggregator):
        return aggregator_checks(plugin)
    if isinstance(plugin, Strategy):
        return strategy_checks(plugin)
    if isinstance(plugin, Probe):
        return probe_checks(plugin)
    assert isinstance(plugin, TeacherSettings), "there are no other families"
    return teacher_checks(plugin)


def _facts(aggregator: Aggregator) -> Mapping[str, str]:
    """What a day takes as declared, beside what was measured of one that is made up."""
    budget, sent = aggregator.budget(_N_DAY), _summarised(aggregator, _N_DAY)
    held, _ = memory_growth(aggregator)
    seen = traced(aggregator)
    began = time.perf_counter()
    _summarised(aggregator, _N_TIMED)
    seconds = (time.perf_counter() - began) * _N_DAY / _N_TIMED
    facts = {
        "bytes sent": f"{budget.n_bytes:,} declared, {sent} in single precision",
        "memory": f"{budget.memory_bytes:,} bytes declared; Python's grows by {max(held, 0):,.0f} "
        "bytes with each window",
        "multiplications": f"{budget.n_macs:,} declared, {_seen(seen.n_products)}",
        "single precision": _precision(seen.deviations),
        "time": f"{seconds:.2g} s in Python",
    }
    if aggregator.sends_raw:
        facts["privacy"] = "none: it declares sends_raw, and a run warns of it"
    return facts


def _seen(n_products: int) -> str:
    if not n_products:
        return "not seen in compiled or copied arrays"
    return f"{n_products * _N_DAY // N_TRACED:,} seen at least"


def _precision(deviations: Mapping[str, float]) -> str:
    if not deviations or not any(deviations.values()):
        return "makes no difference that is seen"
    name = max(deviations, key=lambda name: deviations[name])
    return f"moves {name} by {deviations[name]:.1g} of their largest at most"


def _days(aggregator: Aggregator) -> Iterator[tuple[str, str]]:
    odd = {"1 window, which no device asks for": sounds(1).x, **days()}
    for name, x in odd.items():
        if name.partition(" ")[0] in ("60", "500"):
            continue
        try:
            yield name, f"{_device(aggregator).summarise(iter(x), seed=0).n_bytes} bytes leave"
        except FedascError as error:
            why = str(error).removeprefix(f"aggregator {aggregator.name!r}: ").partition(";")[0]
            yield name, f"nothing leaves ({why.partition(', so')[0]})"
        except Exception as error:
            yield name, f"it raises {type(error).__name__}: {error}"


def _summarised(aggregator: Aggregator, n_windows: int) -> str:
    try:
        summary = _device(aggregator).summarise(iter(sounds(n_windows).x), seed=0)
    except FedascError:
        return "nothing that may leave"
    return f"{summary.n_bytes:,} sent"


def _device(aggregator: Aggregator, release: Release = _USUAL) -> Device:
    server = small_server()
    return Device(
        aggregator=aggregator,
        release=release,
        classifier=server.comprehensive,
        public=server.public,
    )


def _told(outcome: Outcome) -> dict[str, str]:
    return {"failure": outcome.failure, "line": outcome.line, "cure": outcome.cure}
