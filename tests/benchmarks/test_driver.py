"""A build that is driven does what a night does, step by step."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from benchmarks.driver import Night, answers, first, known_to, log_likelihood, n_layer_weights
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.models.embedded import N_HIDDEN
from fedasc.models.student import Student
from fedasc.night import run_night
from fedasc.settings import Settings
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.world import World
from tests.worlds import AGGREGATOR, N_HEARD, N_USERS, RELEASE

N_EPOCHS = 5


@pytest.fixture(scope="module")
def settings(committee_world: World) -> Settings:
    return Settings(
        listening=committee_world.scenario.listening,
        embedded=committee_world.server.embedded,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=PersonalisedStrategy(n_epochs=N_EPOCHS, amount=1.0),
    )


@pytest.fixture(scope="module")
def night(committee_world: World, settings: Settings) -> Night:
    return Night(committee_world, settings)


def test_its_steps_make_what_a_night_makes(
    night: Night, committee_world: World, settings: Settings
) -> None:
    whole, _ = run_night(
        committee_world.scenario,
        committee_world.server,
        aggregator=settings.aggregator,
        release=settings.release,
        strategy=settings.strategy,
        probes=settings.probes,
    )
    accuracy = np.mean([whole.scores[i]["personal"].accuracy for i in range(N_USERS)])
    for step in (night.personalising, night.retraining):
        answer = step()
        assert answer["result"] == pytest.approx(accuracy)
        assert answer["seconds"] > 0
    bound = np.mean([whole.diagnoses[i].teacher.accuracy for i in range(N_USERS)])
    assert night.looking()["result"] == pytest.approx(bound)


def test_labels_are_those_that_the_strategy_asks_for(night: Night, settings: Settings) -> None:
    strategy = settings.strategy
    assert isinstance(strategy, PersonalisedStrategy)
    assert night.labels()["result"] == strategy.n_wanted(night.server)


def test_labels_at_hand_are_not_made_again(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    _ = night._ready

    def made_again(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(type(night.server.annotator), "probabilities", made_again)
    night.retraining()
    with pytest.raises(AssertionError):
        night.personalising()


def test_operations_are_counted(night: Night) -> None:
    flops = night.flops_of_retraining()["flops"]
    n_artificial = night.labels()["result"]
    n_known = len(night.server.comprehensive_transfer_set.training)
    each = 6 * (45 * N_HIDDEN + N_HIDDEN * 4) * N_EPOCHS * N_USERS
    assert 0.4 * each * n_known < flops < each * (n_known + n_artificial)
    networks = 2 * (5 * (9 * 8 + 8 * 8) + (16 + 63) * 16 + 16 * 8 + 8 * 4)
    assert n_layer_weights(night.server.teacher) == networks
    student = night.server.annotator
    assert isinstance(student, Student)
    layers = sum(weights.size for weights in student.weights)
    assert night.flops_of_labels()["flops"] == 2 * layers * n_artificial * N_USERS


def test_requests_are_answered_line_by_line(
    committee_world: World, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"corpora": [], "settings": {}, "n_devices": N_USERS}

    def built(**arguments: object) -> Night:
        assert arguments == asked
        return Night(committee_world, settings)

    monkeypatch.setattr(Night, "built", built)
    windows = {"windows": str(tmp_path / "windows.npy")}
    requests = [["build", asked], ["write_windows", {"path": windows["windows"]}]]
    requests += [["mixtures", windows], ["labels", {}]]
    out = io.StringIO()
    answers(map(json.dumps, requests), out)
    replies = [json.loads(line) for line in out.getvalue().splitlines()]
    assert replies[:2] == [{}, {}]
    assert [sorted(reply) for reply in replies[2:]] == [["result", "seconds"]] * 2
    assert np.load(windows["windows"]).shape == (N_USERS, N_HEARD, 45)


def test_a_likelihood_is_scikit_learns() -> None:
    x = np.random.default_rng(1).normal(-20, 5, size=(200, 45)).astype(np.float32)
    model = GaussianMixture(3, covariance_type="diag", random_state=1).fit(x.astype(np.float64))
    parts = (model.weights_, model.means_, model.covariances_)
    mixture = Mixture(*(part.astype(np.float32) for part in parts))
    assert log_likelihood(mixture, x) == pytest.approx(model.score(x), abs=1e-3)


def test_what_a_build_has_is_found_under_any_name() -> None:
    names = ("fedasc.dreams:Gmm", "fedasc.aggregators.gmm:Dreams")
    assert first(*names, "fedasc.aggregators.gmm:GmmAggregator") is GmmAggregator
    with pytest.raises(LookupError, match=r"fedasc\.dreams:Gmm, fedasc\.aggregators\.gmm:Dreams"):
        first(*names)
    assert known_to(replace, obj=1, why=True) == {"obj": 1}
