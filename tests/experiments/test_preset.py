from dataclasses import replace
from pathlib import Path

import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.errors import SettingsError
from fedasc.experiments.preset import Plan, read_preset
from fedasc.models.mobilenet import MobileNetSettings
from fedasc.population.profile import find_profiles
from fedasc.population.sources import SourceCounts
from fedasc.settings import Settings
from fedasc.strategies.personalised import PersonalisedStrategy

EVERY_N = (1, 2, 4, 8, 16, 32, 64)


def test_paper_is_what_the_paper_states() -> None:
    settings, plan = read_preset("paper")
    assert plan == Plan(
        n_repetitions=10,
        components=EVERY_N,
        full_components=(4,),
        typical=("U1", "U2"),
        distant=("U3", "U4"),
    )
    c2, c1 = settings.teacher, settings.embedded
    assert isinstance(c2, MobileNetSettings)
    assert (c2.side, c2.n_epochs, c2.learning_rate) == (224, 250, 0.001)
    assert c2.mix_up > 0
    assert (c2.schedule, c2.weight_decay, c2.input_noise, c2.n_networks) == ("constant", 0, 0, 1)
    assert (c2.shuffled, c2.n_orders, c2.average_decay) == (False, 1, 0)
    assert (c1.n_epochs, c1.learning_rate, c1.dropout) == (250, 0.008, 0.05)
    assert (c1.n_restarts, c1.inputs) == (1, "sequence")
    assert settings.calibration == "none"
    assert settings.strategy == PersonalisedStrategy(
        rehearsal="baseline",
        deviations="normal",
        targets="hard",
        certainty=0.75,
        consensus=0.0,
        amount=1.0,
        artificial_weight=1.0,
        start="scratch",
        rehearsed_share=1.0,
        n_epochs=250,
    )
    gmm = settings.aggregator
    assert isinstance(gmm, GmmAggregator)
    assert (gmm.covariance, gmm.min_windows) == ("diagonal", 1)
    sizes = settings.training_sets
    assert (sizes.targets, sizes.artificial) == ("hard", 0)
    assert 4 * sizes.comprehensive == pytest.approx(0.5 * 10_314, abs=4)
    assert 4 * sizes.comprehensive_validation == pytest.approx(0.1 * 10_314, abs=4)
    assert 4 * sizes.baseline == pytest.approx(0.5 * 3_023, abs=4)
    assert 4 * sizes.baseline_validation == pytest.approx(0.1 * 3_023, abs=4)


def test_thorough_is_the_default_with_longer_trainings() -> None:
    settings, plan = read_preset("thorough")
    assert plan == Plan()
    c1, strategy = settings.embedded, settings.strategy
    assert (c1.n_epochs, c1.n_averaged, c1.keep, c1.dropout) == (250, 50, "mean", 0.05)
    assert strategy == PersonalisedStrategy(rehearsed_share=1.0, n_epochs=100)
    default = PersonalisedStrategy()
    assert (default.rehearsed_share, default.n_epochs) < (1.0, 100)


def test_cpu_has_the_same_points_with_the_default_settings() -> None:
    settings, plan = read_preset("cpu")
    assert plan == read_preset("paper")[1] == Plan()
    assert settings == Settings(listening=settings.listening, users=settings.users, probes=())


def test_the_papers_method_differs_from_the_paper_in_the_teacher_alone() -> None:
    (method, plan), (paper, papers_plan) = read_preset("method"), read_preset("paper")
    assert plan == papers_plan
    assert method == replace(paper, teacher=Settings().teacher)


@pytest.mark.parametrize("name", ["paper", "cpu", "method"])
def test_users_hear_all_scenes_equally_often_through_one_microphone(name: str) -> None:
    settings, _ = read_preset(name)
    assert (settings.listening.n_heard, settings.listening.n_evaluation) == (1000, 1000)
    assert settings.users.share_concentration >= 1e5
    assert settings.users.gain_spread_db == settings.users.tilt_spread_db == 0


def test_what_goes_with_profiles_stands_beneath_a_preset() -> None:
    settings, _ = read_preset("method", profiles=find_profiles("own"))
    plain, _ = read_preset("method")
    counts = SourceCounts(noise=6, music=6, speech=3)
    assert settings == replace(plain, users=replace(plain.users, n_sources=counts))


def test_a_preset_may_be_a_file_and_is_overridden(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        "seed = 3\n[study]\ncomponents = [5]\nn_repetitions = 4\n[aggregator]\nmin_windows=2"
    )
    settings, plan = read_preset(str(path))
    assert (settings.seed, settings.aggregator) == (3, GmmAggregator(min_windows=2))
    assert (plan.components, plan.n_repetitions) == ((5,), 4)
    settings, plan = read_preset(str(path), seed=7, n_repetitions=2)
    assert (settings.seed, plan.n_repetitions) == (7, 2)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[study]\ncomponets = [1]", "did you mean 'components'"),
        ("[study]\ncomponents = []", "at least one"),
        ("[study]\ncomponents = [0]", "from 1 up"),
        ("[study]\ncomponents = [4, 4]", "different"),
        ("[study]\nfull_components = [-1]", "from 1 up"),
        ("[study]\nn_repetitions = 0", "repetitions must be at least 1"),
        ('[study]\ntypical = ["U3"]', "different users"),
        ("[study]\ndistant = []", "at least one"),
        ("study = 3", "expected a section"),
        ("n_clients = 9", "n_clients has no place"),
        ("[aggregator]\nn_components = 0", "n_components"),
        ("[study", "not a TOML file"),
    ],
)
def test_bad_files_are_refused_with_the_cure(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content)
    with pytest.raises(SettingsError, match=told) as refused:
        read_preset(str(path))
    assert str(path) in str(refused.value)


def test_an_unknown_preset_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        SettingsError, match=r"papre: no such preset or file.* method, nights, paper"
    ):
        read_preset("papre")
