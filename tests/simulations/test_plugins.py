"""The worked examples of plug-ins do what they say, in few lines and through the main job."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.summary import Summary
from fedasc.code import modules_of
from fedasc.errors import MessageError, SettingsError
from fedasc.models.committee import member_of
from fedasc.models.embedded import N_INPUTS, initial
from fedasc.models.ensemble import EnsembleSettings
from fedasc.plugins import find
from fedasc.release.release import Release
from fedasc.settings import settings_of
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.strategy import Strategy
from simulations.plugins.centroids import NearestCentroids
from simulations.plugins.fading import FadingGaussian
from simulations.plugins.halfway import Halfway
from simulations.plugins.histograms import EDGES_DB, Counts, FromHistograms, Histograms
from tests.aggregators.days import PUBLIC
from tests.simulations.test_run import SETTINGS, recordings, run  # noqa: F401
from tests.strategies.servers import SERVER, STREAMS, SUMMARIES

pytestmark = pytest.mark.cache("shared")

FOLDER = Path("simulations/plugins")
CLASSIFIER = initial(np.random.default_rng(0))


@pytest.mark.parametrize(
    ("name", "most"), [("fading.py", 40), ("halfway.py", 39), ("scenes.py", 25)]
)
def test_a_plug_in_takes_few_lines(name: str, most: int) -> None:
    assert len((FOLDER / name).read_text().splitlines()) <= most


@pytest.mark.parametrize(
    "arguments",
    [
        ("--aggregator", f"{FOLDER}/fading.py:FadingGaussian"),
        ("--strategy", f"{FOLDER}/halfway.py:Halfway"),
        (
            "--strategy",
            f"{FOLDER}/histograms.py:FromHistograms",
            "--aggregator",
            f"{FOLDER}/histograms.py:Histograms",
        ),
        ("--aggregator", f"{FOLDER}/histograms:Histograms", "--strategy", "none"),
        ("--teacher", f"{FOLDER}/centroids.py:NearestCentroids"),
    ],
)
def test_a_plug_in_runs_through_the_main_job(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
    arguments: tuple[str, ...],
) -> None:
    result = run(recordings, "--clients", "2", *arguments, out=tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert arguments[1].split(":")[1] in (tmp_path / "out" / "settings.json").read_text()


def test_a_probe_tells_in_columns_of_its_own(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    probe = ("--probe", f"{FOLDER}/scenes.py:ScenesHeard", "--no-why")
    result = run(recordings, "--clients", "2", *probe, out=tmp_path / "out")
    assert result.exit_code == 0, result.output
    with (tmp_path / "out" / "devices.csv").open() as file:
        for row in csv.DictReader(file):
            shares = [float(share) for name, share in row.items() if name.startswith("heard_")]
            assert len(shares) == 4
            assert sum(shares) == pytest.approx(1)


def test_a_window_fades_to_a_half_after_a_half_life() -> None:
    """Against weights by hand."""
    x = np.random.default_rng(1).normal(-20, 5, (300, N_INPUTS)).astype(np.float32)
    draft = FadingGaussian(half_life=50.0).summarise(
        iter(x), classifier=CLASSIFIER, public=PUBLIC, seed=0
    )
    found = draft.content
    weights = 0.5 ** (np.arange(300)[::-1] / 50)
    np.testing.assert_allclose(draft.n_effective, weights.sum() / weights.max())
    mean = np.average(x, axis=0, weights=weights)
    variance = np.average((x - mean) ** 2, axis=0, weights=weights)
    np.testing.assert_allclose(found.means[0], mean, rtol=1e-4)
    np.testing.assert_allclose(found.covariances[0], variance, rtol=1e-3)


@pytest.mark.parametrize("half_life", [1.0, 200.0])
def test_a_day_that_fades_too_fast_stays_on_the_device(half_life: float) -> None:
    """With a short half-life the mean is nearly the last window."""
    x = np.random.default_rng(1).normal(-20, 5, (300, N_INPUTS)).astype(np.float32)
    aggregator = FadingGaussian(half_life=half_life)
    made = aggregator.summarise(iter(x), classifier=CLASSIFIER, public=PUBLIC, seed=0)
    if half_life == 1:
        with pytest.raises(SettingsError, match=r"FadingGaussian': none of 1 .* \(the most is 2\)"):
            Release().summary(made, len(x), aggregator=aggregator)
    else:
        summary = Release().summary(made, len(x), aggregator=aggregator)
        assert summary.n_bytes == aggregator.budget(len(x)).n_bytes


@pytest.mark.parametrize("bits", [16, 8])
@pytest.mark.parametrize("aggregator", [FadingGaussian(), Histograms()], ids=["fading", "counts"])
def test_what_is_rounded_keeps_to_what_is_declared(aggregator: Aggregator, bits: int) -> None:
    x = np.random.default_rng(1).normal(-20, 5, (300, N_INPUTS)).astype(np.float32)
    release = Release(bits=bits)
    made = aggregator.summarise(iter(x), classifier=CLASSIFIER, public=PUBLIC, seed=0)
    summary = release.summary(made, len(x), aggregator=aggregator)
    assert summary.n_bytes == release.budget(aggregator.budget(len(x))).n_bytes


def test_what_fades_too_fast_ends_the_main_job_with_the_cure(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    settings, name = tmp_path / "settings.toml", f"{FOLDER}/fading.py:FadingGaussian"
    plain = SETTINGS.replace("[release]\nmin_windows = 1\n", "").partition("[aggregator]")[0]
    settings.write_text(f'{plain}[aggregator]\nname = "{name}"\nhalf_life = 1.0\n')
    result = run(recordings, "--clients", "2", out=tmp_path / "out", settings=settings)
    assert result.exit_code == 2
    told = " ".join(result.output.split())
    assert "none of 1 component(s) stands for 5 windows" in told
    assert "lower min_windows in [release]" in told


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_halfway_lies_between_the_comprehensive_and_the_personal_classifier(share: float) -> None:
    def served(strategy: Strategy) -> dict[int, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        found = strategy.serve(SERVER, SUMMARIES, None, RoundContext(streams=STREAMS)).personal
        return {device: its.classifier.hidden_weights for device, its in found.items()}

    own = served(Halfway(share=1.0, n_epochs=2))
    general = SERVER.comprehensive.hidden_weights
    for device, weights in served(Halfway(share=share, n_epochs=2)).items():
        expected = (1 - share) * general + share * own[device]
        np.testing.assert_allclose(weights, expected, rtol=1e-4, atol=1e-6)


def test_draws_from_histograms_are_as_frequent_as_what_was_counted() -> None:
    x = np.random.default_rng(2).normal(-20, 8, (2000, N_INPUTS)).astype(np.float32)
    counts = Histograms().summarise(iter(x), classifier=CLASSIFIER, public=PUBLIC, seed=0)
    assert (counts.counts.sum(axis=1) == 2000).all()
    expected, _ = np.histogram(x[:, 3], EDGES_DB)
    np.testing.assert_array_equal(counts.counts[3], expected)
    drawn = FromHistograms().draws(SERVER, counts, rng=np.random.default_rng(3))(4000)
    np.testing.assert_allclose(drawn.mean(axis=0), x.mean(axis=0), atol=0.6)
    np.testing.assert_allclose(drawn.std(axis=0), x.std(axis=0), rtol=0.06)
    assert Summary.of(counts, 2000).n_bytes == Histograms().budget(2000).n_bytes


def test_counts_of_another_shape_are_refused() -> None:
    with pytest.raises(MessageError, match="expected counts"):
        Counts(np.zeros((3, 3), np.int32))


def test_examples_are_found_by_path_and_as_modules() -> None:
    for place in (f"{FOLDER}/fading.py", f"{FOLDER}/fading", "simulations.plugins.fading"):
        assert find(Aggregator, f"{place}:FadingGaussian").__name__ == "FadingGaussian"  # type: ignore[type-abstract]


def test_the_strategy_brings_its_aggregator_along() -> None:
    name = f"{FOLDER}/histograms.py:FromHistograms"
    settings = settings_of({"strategy": {"name": name}}, where="here")
    assert type(settings.aggregator).__name__ == "Histograms"


def test_a_teacher_takes_fewer_than_sixty_lines() -> None:
    assert len((FOLDER / "centroids.py").read_text().splitlines()) < 60


def test_centroids_label_by_the_nearest_mean() -> None:
    samples = SERVER.comprehensive_set
    teacher = NearestCentroids(width=0.3).train(samples, seed=1)
    x, scene = samples.training.x, samples.training.scene
    means = np.stack([x[scene == number].mean(axis=0) for number in range(4)])
    deviation = (x - means[scene]).std(axis=0)
    nearest = (((x[:, None] - means) / deviation) ** 2).sum(axis=2).argmin(axis=1)
    assert np.mean(teacher.probabilities(x).argmax(axis=1) == nearest) > 0.99


def test_a_missing_file_of_centroids_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such teacher file"):
        NearestCentroids().load(tmp_path / "nothing")


def test_a_teacher_of_ones_own_may_sit_on_a_committee_of_a_settings_file(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    own = f'{{ name = "{FOLDER}/centroids.py:NearestCentroids", width = 0.4 }}'
    text = (recordings / "settings.toml").read_text()
    path = tmp_path / "settings.toml"
    path.write_text(text.replace("members = [", f"members = [{own},"))
    result = run(recordings, "--clients", "2", settings=path, out=tmp_path / "out")
    assert result.exit_code == 0, result.output
    teacher = json.loads((tmp_path / "out" / "settings.json").read_text())["teacher"]
    assert [member["name"] for member in teacher["members"]] == [
        f"{FOLDER}/centroids.py:NearestCentroids",
        "ensemble",
        "deep_sets",
    ]
    settings = settings_of({"teacher": teacher}, where="here")
    assert member_of(settings.teacher, EnsembleSettings) == EnsembleSettings(n_trees=10)
    assert "centroids" in modules_of(settings)
