"""Builtin strategies keep the contract, and each check tells a strategy that doesn't."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.summary import Summary
from fedasc.made_up.night import SmallNight
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.self_training import SelfTraining
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.strategies.clustered import ClusteredStrategy
from fedasc.strategies.comprehensive import ComprehensiveStrategy
from fedasc.strategies.distilled import DistilledStrategy
from fedasc.strategies.fedavg import FedAvgStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.retraining import Retraining
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal, RoundResult
from fedasc.strategies.strategy import Strategy
from fedasc.testing import check_strategy
from fedasc.testing import strategies as checks
from simulations.plugins.halfway import Halfway
from tests.strategies.servers import PAPER


def builtin(name: str) -> Strategy:
    strategy = Strategy.from_section(name, where="x")
    return replace(strategy, n_epochs=2) if isinstance(strategy, Retraining) else strategy


STRATEGIES: Mapping[str, Strategy] = {
    **{name: builtin(name) for name in Strategy.family.builtin},
    "paper": PersonalisedStrategy(**PAPER),
    "with memory": PersonalisedStrategy(memory=0.5, n_epochs=2),
    "continued": PersonalisedStrategy(start="continued", n_epochs=2),
    "clustered with memory": ClusteredStrategy(memory=0.5, start="continued", n_epochs=2),
    "clustered with the devices' labels": ClusteredStrategy(labels="device", n_epochs=2),
    "distilled and continued": DistilledStrategy(start="continued", n_epochs=2),
    "comprehensive with shares": ComprehensiveStrategy(shares="mixture"),
    "clustered and told shares": ClusteredStrategy(shares="told", n_epochs=2),
    "fine-tuned": FedAvgStrategy(fine_tuned=True),
    "halfway": Halfway(n_epochs=2),
}


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_strategies_keep_the_contract(strategy: Strategy) -> None:
    check_strategy(strategy)


@pytest.mark.parametrize("aggregator", [FeaturesAggregator(), GmmAggregator(n_components=3)])
def test_they_keep_it_with_another_aggregator(aggregator: Aggregator) -> None:
    check_strategy(PersonalisedStrategy(n_epochs=2), aggregator)


def test_they_keep_it_with_a_kind_of_their_own() -> None:
    name = "simulations/plugins/histograms.py:FromHistograms"
    check_strategy(Strategy.from_section({"name": name, "n_epochs": 2}, where="x"))


def test_a_pair_that_does_not_fit_is_told() -> None:
    with pytest.raises(AssertionError, match="must go with 'features'; it raised SettingsError"):
        check_strategy(FedAvgStrategy(), FeaturesAggregator())


def moved(classifier: EmbeddedClassifier, by: Any) -> Personal:
    """A classifier that another number makes another one."""
    return Personal(replace(classifier, shift=classifier.shift + np.float32(by)))


def loudness(summary: Summary) -> float:
    assert isinstance(summary.content, Mixture)
    return float(summary.content.means[0, 0])


@dataclass(frozen=True, kw_only=True)
class Shifting(Strategy):
    """Broken in whatever way its heirs say; by itself it does all that it must."""

    accepts = (Mixture,)
    default_aggregator = "moments"

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        by = {device: self.by(device, summaries, context) for device in summaries}
        personal = {device: moved(server.baseline, number) for device, number in by.items()}
        return RoundResult(personal, self.kept(memory, by))

    def by(self, device: int, summaries: Mapping[int, Summary], context: RoundContext) -> Any:
        rng = context.streams.generator(Purpose.SAMPLING, context.night, device)
        return loudness(summaries[device]) + rng.normal()

    def kept(self, memory: Any, by: dict[int, Any]) -> Any:
        return (memory or {}) | by


@dataclass(frozen=True, kw_only=True)
class Misfit(Shifting):
    default_aggregator = "features"


@dataclass(frozen=True, kw_only=True)
class Lost(Shifting):
    default_aggregator = "no-such-thing"


@dataclass(frozen=True, kw_only=True)
class OneKind(Shifting):
    accepts = Mixture  # type: ignore[assignment]


@dataclass(frozen=True, kw_only=True)
class Drilling(Shifting):
    def device_training(self) -> Any:
        return {"n_epochs": 3}


N_ASKED: list[int] = []


@dataclass(frozen=True, kw_only=True)
class Fickle(Shifting):
    def device_training(self) -> SelfTraining:
        N_ASKED.append(1)
        return SelfTraining(n_epochs=len(N_ASKED))


@dataclass(frozen=True, kw_only=True)
class Generous(Shifting):
    """Serves a device that is silent."""

    def serve(self, server: Server, summaries: Any, memory: Any, context: Any) -> RoundResult:
        result = super().serve(server, summaries, memory, context)
        return RoundResult({**result.personal, 8: Personal(server.baseline)})


@dataclass(frozen=True, kw_only=True)
class Faithful(Shifting):
    """Serves whom it knows from nights before."""

    def serve(self, server: Server, summaries: Any, memory: Any, context: Any) -> RoundResult:
        result = super().serve(server, summaries, memory, context)
        others = dict.fromkeys(memory or (), Personal(server.baseline))
        return RoundResult(others | dict(result.personal), result.memory)


@dataclass(frozen=True, kw_only=True)
class Refusing(Shifting):
    def by(self, device: int, summaries: Any, context: RoundContext) -> Any:
        return 1 / (len(summaries) > 3)


@dataclass(frozen=True, kw_only=True)
class Talking(Shifting):
    def serve(self, server: Server, summaries: Any, memory: Any, context: Any) -> Any:
        return {}


@dataclass(frozen=True, kw_only=True)
class Bare(Shifting):
    def serve(self, server: Server, summaries: Any, memory: Any, context: Any) -> Any:
        return RoundResult(dict.fromkeys(summaries, server.baseline))  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Infinite(Shifting):
    def by(self, device: int, summaries: Any, context: RoundContext) -> Any:
        return np.inf


@dataclass(frozen=True, kw_only=True)
class Precise(Shifting):
    def by(self, device: int, summaries: Any, context: RoundContext) -> Any:
        return 0.0

    def serve(self, server: Server, summaries: Any, memory: Any, context: Any) -> RoundResult:
        arrays = {name: a.astype(np.float64) for name, a in server.baseline.arrays().items()}
        made = replace(server.baseline, **arrays)  # type: ignore[arg-type]
        return RoundResult(dict.fromkeys(summaries, Personal(made)))


@dataclass(frozen=True, kw_only=True)
class Small(Precise):
    def serve(self, server: Server, summaries: Any, memory: Any, context: Any) -> RoundResult:
        made = replace(server.baseline, output_biases=np.zeros(3, np.float32))
        return RoundResult(dict.fromkeys(summaries, Personal(made)))


@dataclass(frozen=True, kw_only=True)
class Ordered(Precise):
    def serve(self, server: Server, summaries: Any, memory: Any, context: Any) -> RoundResult:
        made = replace(server.baseline, inputs="sequence")
        return RoundResult(dict.fromkeys(summaries, Personal(made)))


@dataclass(frozen=True, kw_only=True)
class Negative(Precise):
    def serve(self, server: Server, summaries: Any, memory: Any, context: Any) -> RoundResult:
        made = replace(server.baseline, variance=-np.ones(45, np.float32))
        return RoundResult(dict.fromkeys(summaries, Personal(made)))


@dataclass(frozen=True, kw_only=True)
class Taking(Shifting):
    """Takes one summary after the other from the mapping."""

    def serve(self, server: Server, summaries: Any, memory: Any, context: Any) -> RoundResult:
        result = super().serve(server, summaries, memory, context)
        summaries.popitem()
        return result


@dataclass(frozen=True, kw_only=True)
class Overwriting(Shifting):
    """Writes to the memory that it was given."""

    def kept(self, memory: Any, by: dict[int, Any]) -> Any:
        memory = {} if memory is None else memory
        memory["nights"] = memory.get("nights", 0) + 1
        return memory


@dataclass(frozen=True, kw_only=True)
class Noting(Shifting):
    """Writes down in its memory what came too late."""

    def remember(self, memory: Any, late: Mapping[int, Summary]) -> Any:
        memory = {} if memory is None else memory
        memory |= dict.fromkeys(late, 0.0)
        return memory


@dataclass(frozen=True, kw_only=True)
class Unseeded(Shifting):
    def by(self, device: int, summaries: Any, context: RoundContext) -> Any:
        return np.random.default_rng().normal()


@dataclass(frozen=True, kw_only=True)
class Seeding(Shifting):
    def by(self, device: int, summaries: Any, context: RoundContext) -> Any:
        np.random.seed(device)  # noqa: NPY002
        return np.random.normal()  # noqa: NPY002


@dataclass(frozen=True, kw_only=True)
class Ranked(Shifting):
    """Who comes first gets more."""

    def by(self, device: int, summaries: Any, context: RoundContext) -> Any:
        return [*summaries].index(device)


def _drawn(rng: np.random.Generator, devices: list[int]) -> list[float]:
    return [rng.normal() for _ in devices]


@dataclass(frozen=True, kw_only=True)
class Sharing(Shifting):
    """All of its workers draw from one generator, in the order in which they come."""

    def serve(self, server: Server, summaries: Any, memory: Any, context: Any) -> RoundResult:
        rng = context.streams.generator(Purpose.SAMPLING)
        items = [[device] for device in sorted(summaries)]
        drawn = context.workers.map(_drawn, rng, items)
        return RoundResult(
            {n: moved(server.baseline, by) for (n,), (by,) in zip(items, drawn, strict=True)}
        )


@dataclass(frozen=True, kw_only=True)
class Chunky(Shifting):
    """The number of workers is one of its numbers."""

    def by(self, device: int, summaries: Any, context: RoundContext) -> Any:
        return context.workers.n_workers


@dataclass(frozen=True, kw_only=True)
class Staying(Shifting):
    """Its work can't travel."""

    def serve(self, server: Server, summaries: Any, memory: Any, context: Any) -> RoundResult:
        work = partial(lambda _, device: device)
        list(context.workers.map(work, server, [*summaries]))
        return super().serve(server, summaries, memory, context)


@dataclass(frozen=True, kw_only=True)
class Sociable(Shifting):
    """Says that it treats each device by itself, and doesn't."""

    groups: str = "each"

    def by(self, device: int, summaries: Any, context: RoundContext) -> Any:
        return np.mean([loudness(one) for _, one in sorted(summaries.items())])


@dataclass(frozen=True, kw_only=True)
class Honest(Sociable):
    """The same, but says that it doesn't."""

    serves_alone = False


@dataclass(frozen=True, kw_only=True)
class Alone(Shifting):
    """By itself it serves each device alone, as it says."""

    serves_alone = True


@dataclass(frozen=True, kw_only=True)
class Needy(Alone):
    def serve(self, server: Server, summaries: Any, memory: Any, context: RoundContext) -> Any:
        assert summaries
        return super().serve(server, summaries, memory, context)


@dataclass(frozen=True, kw_only=True)
class Gossiping(Alone):
    """Remembers of all devices together."""

    def serve(self, server: Server, summaries: Any, memory: Any, context: RoundContext) -> Any:
        by = {device: self.by(device, summaries, context) for device in summaries}
        heard = sum(sorted((memory or {}).values()))
        personal = {device: moved(server.baseline, n + heard) for device, n in by.items()}
        return RoundResult(personal, self.kept(memory, by))


@dataclass(frozen=True, kw_only=True)
class Grouping(Sociable):
    """The same, but says so."""

    groups: str = "all"


@dataclass(frozen=True, kw_only=True)
class Unpicklable(Shifting):
    def kept(self, memory: Any, by: dict[int, Any]) -> Any:
        return lambda: by


@dataclass
class Ledger:
    """Says another thing once it was in a pickle."""

    n: int = 1
    travelled: bool = field(default=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {"n": self.n + 1}


@dataclass(frozen=True, kw_only=True)
class Bookkeeping(Shifting):
    def kept(self, memory: Any, by: dict[int, Any]) -> Any:
        return Ledger(memory.n if memory else 1)


@dataclass(frozen=True, kw_only=True)
class Surprised(Shifting):
    def remember(self, memory: Any, late: Mapping[int, Summary]) -> Any:
        return memory | dict.fromkeys(late, 0.0)


@dataclass(frozen=True, kw_only=True)
class Queueing(Shifting):
    def remember(self, memory: Any, late: Mapping[int, Summary]) -> Any:
        return (memory or {}) | {"late": [*late]}


BROKEN: list[tuple[Callable[..., None], Strategy, str]] = [
    (checks.goes_with_its_default, Misfit(), "default_aggregator; it raised SettingsError: "),
    (checks.goes_with_its_default, Lost(), "default_aggregator; .*no aggregator 'no-such-thing'"),
    (checks.goes_with_its_default, OneKind(), "a tuple of kinds of Content; it accepts"),
    (checks.has_devices_train_as_it_says, Drilling(), "by a SelfTraining, or not at all; got {'n"),
    (checks.has_devices_train_as_it_says, Fickle(), "when it was read from its section; got Self"),
    (checks.serves_who_sent_something, Generous(), r"who sent a summary that night; it .* \[8\]"),
    (checks.serves_who_sent_something, Refusing(), "serve a night; it raised ZeroDivisionError"),
    (checks.serves_who_sent_something, Talking(), "return a RoundResult; got dict"),
    (checks.gives_usable_classifiers, Bare(), "EmbeddedClassifier; device 5 got Emb"),
    (checks.gives_usable_classifiers, Ordered(), "for statistics, .*; device 5 got .*sequence"),
    (checks.gives_usable_classifiers, Infinite(), "shift .* finite; device 5 got some that"),
    (
        checks.gives_usable_classifiers,
        Precise(),
        r"float32, .* got \(45,\) in float64",
    ),
    (checks.gives_usable_classifiers, Small(), r"output_biases of shape \(4,\) .* got \(3,\)"),
    (checks.gives_usable_classifiers, Negative(), "no variance under zero"),
    (checks.leaves_alone_what_it_is_given, Taking(), "it altered summaries"),
    (checks.leaves_alone_what_it_is_given, Overwriting(), "it altered memory"),
    (checks.leaves_alone_what_it_is_given, Noting(), "it altered memory"),
    (checks.draws_from_its_streams, Unseeded(), "for the same night; what device 5 got, what"),
    (checks.draws_from_its_streams, Seeding(), "global state of numpy.random"),
    (checks.minds_no_order, Ranked(), "in whatever order summaries come; what device 5 got"),
    (checks.minds_no_workers, Sharing(), "whoever does the work, .*; what device 1 got"),
    (checks.minds_no_workers, Chunky(), "whoever does the work, .*; what device 5 got"),
    (checks.minds_no_workers, Staying(), "whoever does the work, .*; it raised .*lambda"),
    (checks.minds_no_company, Sociable(), 'as groups = "each" says; device 5'),
    (checks.minds_no_company, Needy(), "serve nobody, as serves_alone says"),
    (checks.minds_no_company, Gossiping(), "as serves_alone says; .* on the next night"),
    (checks.goes_on_from_its_memory, Unpicklable(), "which a pickle keeps; it raised"),
    (checks.goes_on_from_its_memory, Bookkeeping(), "which a pickle keeps; memory differ"),
    (checks.goes_on_from_its_memory, Faithful(), "none but who sent .*; it served"),
    (checks.remembers_what_came_too_late, Surprised(), "too late, .*; it raised TypeError"),
    (checks.remembers_what_came_too_late, Queueing(), "too late, .*; the order counts"),
]


@pytest.mark.parametrize(
    ("check", "broken", "told"),
    BROKEN,
    ids=[f"{check.__name__} {type(broken).__name__}" for check, broken, _ in BROKEN],
)
def test_what_breaks_the_contract_is_told_in_a_line(
    check: Callable[..., None], broken: Strategy, told: str
) -> None:
    of_night = check.__code__.co_argcount > 1
    given = (SmallNight.of(MomentsAggregator()),) if of_night else ()
    expected = f"strategy '.*{type(broken).__name__}' must .*{told}"
    with pytest.raises(AssertionError, match=expected) as seen:
        check(broken, *given)
    assert "\n" not in str(seen.value)
    with pytest.raises(AssertionError):
        check_strategy(broken)


@pytest.mark.parametrize("strategy", [Shifting(), Grouping(), Honest(), Alone()])
def test_what_is_not_broken_is_let_through(strategy: Strategy) -> None:
    """So that those above are broken by what they do, not by what they share."""
    check_strategy(strategy)
