"""Builtin aggregators keep the contract, and each check tells an aggregator that doesn't."""

import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, whole
from fedasc.aggregators.content import Arrays, Claims, Content
from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.features import Features, FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.public import Public
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.testing import aggregators as checks
from fedasc.testing import check_aggregator
from fedasc.testing.settings import (
    comes_back_from_a_pickle,
    comes_back_from_its_section,
    is_frozen,
)
from simulations.plugins.fading import FadingGaussian
from simulations.plugins.histograms import Histograms
from tests.aggregators.test_aggregators import PLAIN
from tests.kernels import printed

BUILTIN = {name: Aggregator.from_section(name, where="x") for name in Aggregator.family.builtin}
EXAMPLES = {"fading": FadingGaussian(), "histograms": Histograms()}
ALL: Mapping[str, Aggregator] = {**{f"usual {n}": a for n, a in BUILTIN.items()}, **PLAIN}


@pytest.mark.bits
@pytest.mark.parametrize("aggregator", [*ALL.values(), *EXAMPLES.values()], ids=[*ALL, *EXAMPLES])
def test_aggregators_keep_the_contract(aggregator: Aggregator) -> None:
    check_aggregator(aggregator)


@dataclass(frozen=True, kw_only=True)
class Mean(Aggregator):
    """Broken in whatever way its heirs say; by itself it does all that it must."""

    kind: ClassVar[type[Content]] = Mixture

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Any:
        return self.of(whole(stream), seed)

    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        return drafted(x.mean(axis=0), len(x))

    def budget(self, n_windows: int) -> Budget:
        return replace(MomentsAggregator().budget(n_windows), memory_bytes=180 * n_windows)


def drafted(mean: NDArray[Any], n_windows: int) -> Draft[Mixture]:
    """A component around a mean."""
    shape = (1, len(mean))
    parts = np.ones(1), mean.reshape(shape), np.ones(shape)
    return Draft(Mixture(*(part.astype(np.float32) for part in parts)), np.full(1, n_windows * 1.0))


class Undecorated(Mean):
    more: int = 3


@dataclass
class Changeable(Aggregator):
    kind = Mixture
    summarise = Mean.summarise
    budget = Mean.budget


@dataclass(frozen=True, kw_only=True)
class Doubling(Mean):
    size: int = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", 2 * self.size)


@dataclass(frozen=True, kw_only=True)
class Unwritable(Mean):
    edges: Any = range(3)


@dataclass(frozen=True, kw_only=True)
class Unpicklable(Mean):
    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", lambda x: x)


@dataclass(frozen=True, kw_only=True)
class OfFive(Mean):
    """Has nothing to say of fewer."""

    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        return drafted(x[: len(x) // 5 * 5].reshape(-1, 5, 45)[0].mean(axis=0), 5)


@dataclass(frozen=True, kw_only=True)
class Loud(Mean):
    """Divides by how much a day varies."""

    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        with np.errstate(invalid="ignore"):
            return drafted(x.mean(axis=0) * (x.std() / x.std()), len(x))


@dataclass(frozen=True, kw_only=True)
class TwoPasses(Mean):
    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Any:
        windows = iter(stream)
        first = whole(windows)
        return drafted(first.mean(axis=0), len(first) + sum(1 for _ in windows))


@dataclass(frozen=True, kw_only=True)
class Indexing(Mean):
    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Any:
        return drafted(stream[0], 1)  # type: ignore[index]


@dataclass(frozen=True, kw_only=True)
class Measuring(Mean):
    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Any:
        n_windows = len(stream)  # type: ignore[arg-type]
        return drafted(whole(stream).mean(axis=0), n_windows)


@dataclass(frozen=True, kw_only=True)
class Centring(Mean):
    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Any:
        for x in stream:
            x -= x.mean()
        return drafted(x, 60)


@dataclass(frozen=True, kw_only=True)
class Keeping(FeaturesAggregator):
    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Features:
        return Features(next(stream)[None])


@dataclass(frozen=True, kw_only=True)
class Unseeded(Mean):
    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        return drafted(x.mean(axis=0) + np.random.default_rng().normal(), len(x))


@dataclass(frozen=True, kw_only=True)
class Seeding(Mean):
    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        np.random.seed(seed)  # noqa: NPY002
        return drafted(x.mean(axis=0) + np.random.normal(), len(x))  # noqa: NPY002


@dataclass(frozen=True, kw_only=True)
class Rolling(Mean):
    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        random.seed(seed)
        return drafted(x.mean(axis=0) + random.random(), len(x))


LAST: list[NDArray[np.float32]] = [np.zeros(45, np.float32)]


@dataclass(frozen=True, kw_only=True)
class Remembering(Mean):
    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        LAST.append(x.mean(axis=0))
        return drafted(LAST[-1] + LAST[-2], len(x))


@dataclass(frozen=True, kw_only=True)
class OfAnotherKind(Mean):
    kind = Features


@dataclass(frozen=True, kw_only=True)
class Undrafted(Mean):
    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        return drafted(x.mean(axis=0), len(x)).content


@dataclass(frozen=True, eq=False)
class Anything(Content):
    """Checks nothing."""

    kind = "anything"
    numbers: Any


@dataclass(frozen=True, kw_only=True)
class Careless(Mean):
    kind = Anything

    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        return Anything(x.mean(axis=0))


@dataclass(frozen=True, kw_only=True)
class Infinite(Careless):
    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        with np.errstate(divide="ignore"):
            return Anything(np.log(x.std(axis=0)))


@dataclass(frozen=True, kw_only=True)
class Listing(Careless):
    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        return Anything(x.mean(axis=0).tolist())


@dataclass(frozen=True, kw_only=True)
class Stingy(Mean):
    def budget(self, n_windows: int) -> Budget:
        return replace(super().budget(n_windows), n_bytes=4 * 90)


@dataclass(frozen=True, kw_only=True)
class Exact(Mean):
    """Sends more than it declares where numbers are rounded: two ends of each of three arrays."""

    def budget(self, n_windows: int) -> Budget:
        return replace(super().budget(n_windows), n_rounded=0)


@dataclass(frozen=True, kw_only=True)
class Shrinking(Mean):
    def budget(self, n_windows: int) -> Budget:
        return replace(super().budget(n_windows), memory_bytes=10_000 // n_windows)


@dataclass(frozen=True, eq=False)
class Forgetful(Anything):
    """Reads other numbers than it wrote."""

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> "Forgetful":
        return cls(arrays["numbers"].astype(np.float16).astype(np.float32))


@dataclass(frozen=True, eq=False)
class Skewed(Anything):
    """Takes parameters for what they aren't."""

    def parameters(self) -> Arrays:
        return {"numbers": np.exp(self.numbers / 40)}


@dataclass(frozen=True, kw_only=True)
class OfForgetful(Careless):
    kind = Forgetful

    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        return Forgetful(x.mean(axis=0))


@dataclass(frozen=True, kw_only=True)
class OfSkewed(Careless):
    kind = Skewed

    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        return Skewed(x.mean(axis=0))


@dataclass(frozen=True, eq=False)
class Levels(Anything):
    """Says that windows were at another level than they were."""

    def claims(self) -> Claims:
        return Claims(points=self.numbers[None] + 100)


@dataclass(frozen=True, kw_only=True)
class Unheard(Careless):
    kind = Levels

    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        return Levels(x.mean(axis=0))


@dataclass(frozen=True, kw_only=True)
class Overstating(GmmAggregator):
    """Declares fewer components than it sends."""

    n_components: int = 2

    def budget(self, n_windows: int) -> Budget:
        return replace(super().budget(n_windows), n_components=1)


@dataclass(frozen=True, kw_only=True)
class LastWindow(Mean):
    """And says that the whole day stands behind it."""

    def of(self, x: NDArray[np.float32], seed: int) -> Any:
        return drafted(x[-1], len(x))


@dataclass(frozen=True, kw_only=True)
class Boastful(Mean):
    """Says that it guarantees something, and not what that comes to."""

    epsilon: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Refilling(DpMixtureAggregator):
    """As if nights cost less and less."""

    def spent(self, n_nights: int) -> float:
        return self.epsilon / n_nights


@dataclass(frozen=True, kw_only=True)
class Secretive(FeaturesAggregator):
    sends_raw = False


BROKEN: list[tuple[Callable[[Any], None], Aggregator, str]] = [
    (is_frozen, Undecorated(), "be a frozen dataclass.*no decorator of its own"),
    (is_frozen, Changeable(), "be a frozen dataclass.*it isn't frozen"),
    (comes_back_from_its_section, Doubling(), "the section .*'size': 4.* came .*size=8"),
    (comes_back_from_its_section, Unwritable(), "the section .*raised TypeError"),
    (comes_back_from_a_pickle, Unpicklable(), "come out of a pickle as it went in; it raised"),
    (checks.takes_every_day, OfFive(), "take a day of 2 windows; it raised IndexError"),
    (checks.takes_every_day, Loud(), "take a day of silence; it raised MessageError"),
    (checks.listens_once, TwoPasses(), "pieces.*asked again after its end"),
    (checks.listens_once, Indexing(), "passes once.*it raised TypeError"),
    (checks.listens_once, Measuring(), "passes once.*it raised TypeError"),
    (checks.leaves_the_day_alone, Centring(), "alter no window"),
    (checks.leaves_the_day_alone, Keeping(), "keep no window's memory"),
    (checks.draws_from_its_seed, Unseeded(), "the same to the last bit.*means differ"),
    (checks.draws_from_its_seed, Seeding(), "the global state of numpy.random"),
    (checks.draws_from_its_seed, Rolling(), "the global state of random"),
    (checks.draws_from_its_seed, Remembering(), "the same to the last bit.*means differ"),
    (checks.sends_its_kind, OfAnotherKind(), "send Features; got .*Mixture"),
    (checks.sends_its_kind, Undrafted(), "return a Draft .*got Mixture"),
    (checks.sends_finite_numbers, Infinite(), "of silence; numbers isn't finite"),
    (checks.sends_finite_numbers, Listing(), "numbers is list"),
    (checks.keeps_to_its_budget, Stingy(), "at most 360 bytes, .* 32 bits, .*it sent 364"),
    (checks.keeps_to_its_budget, Exact(), "with 8 bits, .*it sent 115"),
    (checks.has_a_budget_that_grows, Shrinking(), "of 100 windows .*memory_bytes=100.* 1000 "),
    (checks.tells_what_nights_add_up_to, Boastful(), "epsilon 1 it spends .None"),
    (checks.tells_what_nights_add_up_to, Refilling(), "spends .1.0, 0.5"),
    (checks.lets_a_usual_day_out, FadingGaussian(half_life=1.0), "of 60 windows .*min_windows"),
    (checks.sends_what_arrives, OfForgetful(), "what of_arrays reads to the last bit; numbers"),
    (checks.sends_what_arrives, OfSkewed(), "what of_parameters reads up to rounding; numbers"),
    (checks.sends_what_arrives, Unheard(), "what a server lets in .*where windows may lie"),
    (checks.sends_what_arrives, Overstating(), "what a server lets in .*2 components, .* 1 at"),
    (checks.refuses_what_it_did_not_send, Careless(), "one axis more.* in 32 bits.*it took them"),
    (checks.sends_no_window, LastWindow(), "means of a day of 10 windows holds one, in 32 bits"),
    (checks.sends_no_window, Secretive(), "x of a day of 10 windows holds one, in 32 bits"),
]


@pytest.mark.parametrize(
    ("check", "broken", "told"),
    BROKEN,
    ids=[f"{check.__name__} {type(broken).__name__}" for check, broken, _ in BROKEN],
)
def test_what_breaks_the_contract_is_told_in_a_line(
    check: Callable[[Any], None], broken: Aggregator, told: str
) -> None:
    with pytest.raises(
        AssertionError, match=f"aggregator '.*{type(broken).__name__}' must .*{told}"
    ) as seen:
        check(broken)
    assert "\n" not in str(seen.value)
    with pytest.raises(AssertionError):
        check_aggregator(broken)


def test_what_is_not_broken_is_let_through() -> None:
    """So that those above are broken by what they do, not by what they share."""
    check_aggregator(Mean())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Of plug-ins whose modules are forgotten."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("with_torch_")]:
        del sys.modules[name]


WITH_TORCH = """
from dataclasses import dataclass
from fedasc.aggregators.moments import MomentsAggregator
{above}
@dataclass(frozen=True, kw_only=True)
class Heavy(MomentsAggregator):
    def summarise(self, stream, *, classifier, public, seed):
        {inside}
        return super().summarise(stream, classifier=classifier, public=public, seed=seed)
"""


@pytest.mark.parametrize(
    ("above", "inside", "told"),
    [
        ("", "pass", None),
        ("import torch", "pass", "torch was imported"),
        ("from fedasc.models.mobilenet import MobileNetSettings", "pass", "torch was imported"),
        ("", "import torch", "torch was imported"),
        ("", "1 / ('torch' in __import__('sys').modules)", "ZeroDivisionError"),
    ],
    ids=["without", "above", "by fedasc", "inside", "broken elsewhere"],
)
def test_torch_has_no_place_on_a_device(
    folder: Path, request: pytest.FixtureRequest, above: str, inside: str, told: str | None
) -> None:
    import_module("torch")
    path = folder / f"with_torch_{request.node.callspec.id.replace(' ', '_')}.py"
    path.write_text(WITH_TORCH.format(above=above, inside=inside))
    heavy = Aggregator.from_section({"name": f"{path}:Heavy"}, where="x")
    if told is None:
        checks.needs_no_torch(heavy)
    else:
        with pytest.raises(AssertionError, match=f"without PyTorch.*{told}"):
            checks.needs_no_torch(heavy)


_ALONE = """
import sys
from fedasc.testing import check_aggregator
from simulations.plugins.fading import FadingGaussian
check_aggregator(FadingGaussian())
print(*{"pytest", "torch", "flwr", "ray"} & sys.modules.keys())
"""


def test_a_check_wants_neither_pytest_nor_a_cache(cache: Path) -> None:
    assert not printed(_ALONE, {}).strip()
    assert not cache.exists()
