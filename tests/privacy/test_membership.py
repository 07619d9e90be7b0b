"""What attacks on membership tell, where it is known what there is to tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.features import Features, FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.models import hearing
from fedasc.population.sources import SourceCounts
from fedasc.privacy.game import GameSettings
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.membership import judged, recording_game, user_day_game, window_game
from fedasc.privacy.roc import FPR_GRID, Success
from fedasc.release.release import Release
from tests.privacy.recordings import few, heard_as_drawn, scenario
from tests.worlds import tiny_world

SETTINGS = GameSettings(n_releases=8, n_canaries=20, n_probes=6, n_heard=800)
GAMES = {"recordings": recording_game, "windows": window_game}


@pytest.fixture(autouse=True)
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    heard_as_drawn(monkeypatch)


def mechanism(aggregator: Aggregator) -> Mechanism:
    server = tiny_world().server
    return Mechanism(
        aggregator=aggregator, release=Release(), classifier=server.baseline, public=server.public
    )


def told(
    game: str, aggregator: Aggregator, *, user: int = 0, settings: GameSettings = SETTINGS
) -> Mapping[str, Success]:
    server = tiny_world().server
    return GAMES[game](scenario(), server, mechanism(aggregator), user, settings=settings)


def test_more_components_tell_more_of_recordings() -> None:
    """Features tell nearly all, a single Gaussian next to nothing."""
    aggregators = (
        MomentsAggregator(),
        GmmAggregator(n_components=16),
        GmmAggregator(n_components=64),
        FeaturesAggregator(),
    )
    one, some, many, everything = (told("recordings", aggregator) for aggregator in aggregators)
    assert one["lira-online"].auc < 0.55 < some["lira-online"].auc
    assert some["lira-online"].auc < many["lira-online"].auc - 0.05
    assert everything["lira-online"].auc > 0.9
    assert set(one) == {
        f"{attack}{subset}"
        for attack in ("density", "ratio", "lira-offline", "lira-online")
        for subset in ("", "/noise", "/music", "/speech", "/repeated", "/single")
    }
    for parts in ("noise music speech", "repeated single"):
        split = [many[f"density/{part}"] for part in parts.split()]
        assert sum(part.n_in + part.n_out for part in split) == 8 * 3 * 64
    assert many["density"].n_in == many["density"].n_out


def test_more_components_tell_more_of_windows_and_most_of_rare_ones() -> None:
    aggregators = (MomentsAggregator(), GmmAggregator(n_components=64), FeaturesAggregator())
    one, many, everything = (told("windows", aggregator) for aggregator in aggregators)
    assert one["lira-offline"].auc < 0.55 < many["lira-offline"].auc
    assert many["lira-offline"].auc < many["lira-offline/rare"].auc
    assert everything["density"].auc == everything["density/rare"].auc == 1
    assert many["density"].n_in + many["density"].n_out == 8 * 2 * 800
    assert many["density/rare"].n_in + many["density/rare"].n_out == 8 * 20


@pytest.mark.parametrize("game", GAMES)
def test_what_tells_nothing_is_told_by_chance(game: str) -> None:
    for judgement in told(game, NothingAggregator()).values():
        assert judgement.auc == pytest.approx(0.5, abs=0.1)
    assert told(game, NothingAggregator())["lira-online"].auc == 0.5


@pytest.mark.parametrize("game", GAMES)
def test_another_aggregator_is_tried_on_what_was_heard_before(
    game: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = GameSettings(n_releases=3, n_canaries=20, n_probes=6, n_heard=100)
    before = told(game, FeaturesAggregator(), settings=settings)

    def listen(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(hearing, "listen", listen)
    told(game, MomentsAggregator(), settings=settings)
    assert repr(told(game, FeaturesAggregator(), settings=settings)) == repr(before)
    for other in (
        replace(settings, n_canaries=19, n_probes=5),
        replace(settings, n_heard=99),
    ):
        with pytest.raises(AssertionError):
            told(game, FeaturesAggregator(), settings=other)


def test_games_without_anything_to_judge() -> None:
    """Without rare windows the others are judged; without recordings that may be out, none are."""
    settings = GameSettings(n_releases=3, n_canaries=0, n_heard=100)
    judgements = told("windows", FeaturesAggregator(), settings=settings)
    assert judgements["density"].auc == 1
    assert judgements["density/rare"].n_in == 0
    world = scenario()
    counts = SourceCounts(noise=1, music=1, speech=1)
    user = replace(world.users[0], n_sources=counts)
    server, nothing = tiny_world().server, mechanism(NothingAggregator())
    alone = replace(world, users=(user,))
    assert recording_game(alone, server, nothing, 0, settings=settings) == {}


def test_a_user_is_told_from_a_pool_of_few() -> None:
    world, server = few(scenario()), tiny_world().server
    settings = GameSettings(n_releases=40)
    judgement = user_day_game(
        world, server, mechanism(GmmAggregator(n_components=16)), settings=settings, n_users=4
    )["lira-online"]
    assert judgement.n_in == judgement.n_out == 80
    assert judgement.auc > 0.7


@pytest.mark.parametrize(
    ("epsilon", "n_pooled", "told"), [(np.inf, 2, True), (1.0, 2, False), (np.inf, 3, False)]
)
def test_of_a_pooled_sum_noise_hides_users_and_of_too_few_devices_nothing_is_told(
    epsilon: float, n_pooled: int, told: bool
) -> None:
    aggregator = PooledSumsAggregator(epsilon=epsilon, n_pooled=n_pooled)
    judgement = user_day_game(
        few(scenario()),
        tiny_world().server,
        mechanism(aggregator),
        settings=GameSettings(n_releases=40),
        n_users=4,
    )["lira-online"]
    assert judgement.auc > 0.7 if told else judgement.auc == pytest.approx(0.5, abs=0.1)


def test_what_everybody_sounds_like_is_taken_away(rng: np.random.Generator) -> None:
    reference = 10 * rng.normal(size=300)
    member = rng.random((6, 300)) < 0.5
    everything = {"": np.ones(300, np.bool_), "few": np.arange(300) < 20}
    judgements = judged(
        reference + member, reference, member, alike=np.full(300, "unit"), subsets=everything
    )
    assert judgements["density"].auc < 0.6
    assert judgements["ratio"].auc == judgements["ratio/few"].auc == 1
    assert judgements["ratio/few"].n_in + judgements["ratio/few"].n_out == 6 * 20


def test_units_that_deviate_alike_are_calibrated_together(rng: np.random.Generator) -> None:
    """Or those that scatter little would be as uncertain as those that scatter a lot."""
    member = rng.random((12, 400)) < 0.5
    loud = np.arange(400) < 200
    scores = np.where(loud, 30, 1) * (rng.normal(size=member.shape) + 3 * member)
    judgement = judged(
        scores,
        np.zeros(400),
        member,
        alike=np.where(loud, "speech", "noise"),
        subsets={"": np.ones(400, np.bool_)},
    )
    expected = norm.cdf(norm.ppf(0.01) + 3 / np.sqrt(1 + 1 / 5.5))
    assert judgement["lira-offline"].tpr_1 == pytest.approx(expected, abs=0.06)


@dataclass(frozen=True, eq=False, kw_only=True)
class Recorder(Mechanism):
    """Keeps the numbers that a device's draws come from, and sends the day."""

    seeds: list[int] = field(default_factory=list)

    def content(self, x: NDArray[np.float32], *, seed: int) -> Features:
        assert len(x) == 100
        self.seeds.append(seed)
        return Features(x)


def test_each_release_has_draws_of_its_own() -> None:
    """Or noise would be the same in all of them, and calibration would take it away."""
    server = tiny_world().server
    settings = GameSettings(n_releases=5, n_canaries=10, n_heard=100)
    recorder = Recorder(**vars(mechanism(FeaturesAggregator())))
    for user in (0, 1):
        for game in GAMES.values():
            game(scenario(), server, recorder, user, settings=settings)
    user_day_game(scenario(100), server, recorder, settings=settings, n_users=4)
    assert len(recorder.seeds) == len(set(recorder.seeds)) == 2 * 2 * 5 + 2 * 5


@pytest.mark.parametrize("sigma", [0.7, 2.0])
def test_noise_bounds_what_anybody_can_tell(sigma: float, rng: np.random.Generator) -> None:
    """Of a sum of vectors of norm 1, any of which is in or out, with Gaussian noise.

    No attack tells more than Φ(Φ⁻¹(FPR) + 1 / sigma) (Dong, Roth and Su 2022); one that knows all
    others that are in tells just that. Half of the noise would be seen.
    """
    units = rng.normal(size=(400, 30))
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    member = rng.random((60, 400)) < 0.5

    def attacked(noise: float) -> tuple[Success, ...]:
        released = member @ units + noise * rng.normal(size=(60, 30))
        densities = released @ units.T
        others = densities - (member @ units) @ units.T + member
        everything = np.ones(400, np.bool_)
        return tuple(
            judged(
                some,
                np.zeros(400),
                member,
                alike=np.full(400, "unit"),
                subsets={"": everything},
            )[attack]
            for some, attack in (
                (densities, "density"),
                (densities, "lira-offline"),
                (densities, "lira-online"),
                (others, "density"),
            )
        )

    bound = norm.cdf(norm.ppf(FPR_GRID[10:]) + 1 / sigma)
    # noise is shared by the units of a release, so there are fewer of them than there seem to be
    error = 4 * np.sqrt(bound * (1 - bound) / 3000) + 0.01
    *blind, informed = (np.array(one.roc[10:]) for one in attacked(sigma))
    for roc in (*blind, informed):
        assert (roc <= bound + error).all()
    assert (informed >= bound - error).all()
    *_, halved = attacked(sigma / 2)
    assert (np.array(halved.roc[10:]) > bound + error).any()
