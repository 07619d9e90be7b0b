from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.ensemble import EnsembleSettings, EnsembleTeacher, order_free
from fedasc.models.samples import Samples, TrainingSet

SETTINGS = EnsembleSettings(n_trees=10, tree_rate=0.3)
ORDERS = st.permutations(range(5))


def toy(n_samples: int, *, seed: int) -> Samples:
    """Scenes that differ in mean and in spread of two features over the five vectors."""
    rng = np.random.default_rng(seed)
    scene = rng.integers(4, size=n_samples)
    z = rng.normal(size=(n_samples, 5, 9))
    z[:, :, 0] += 3 * (scene % 2)[:, None]
    z[:, :, 1] *= 1 + 5 * (scene // 2)[:, None]
    return Samples(z.reshape(n_samples, 45).astype(np.float32), scene)


def reordered(x: FloatArray, order: list[int]) -> FloatArray:
    return x.reshape(-1, 5, 9)[:, order].reshape(-1, 45)


@pytest.fixture(scope="module")
def teacher() -> EnsembleTeacher:
    return SETTINGS.train(TrainingSet(toy(300, seed=1), toy(50, seed=2)), seed=0)


def test_learns_more_than_chance(teacher: EnsembleTeacher) -> None:
    unseen = toy(200, seed=3)
    assert unseen.accuracy(teacher.probabilities(unseen.x).argmax(axis=1)) > 0.7


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(0.01, 1000))
def test_probabilities_add_to_one_also_far_from_what_was_learnt(
    teacher: EnsembleTeacher, seed: int, scale: float
) -> None:
    x = np.random.default_rng(seed).normal(0, scale, size=(3, 45))
    probabilities = teacher.probabilities(x)
    assert probabilities.shape == (3, 4)
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


@given(seed=st.integers(0, 2**32 - 1), order=ORDERS)
def test_the_order_of_the_five_vectors_changes_nothing(
    teacher: EnsembleTeacher, seed: int, order: list[int]
) -> None:
    x = np.random.default_rng(seed).normal(size=(3, 45))
    np.testing.assert_allclose(
        teacher.probabilities(reordered(x, order)), teacher.probabilities(x), atol=1e-9
    )


@given(seed=st.integers(0, 2**32 - 1), n_samples=st.integers(1, 5), order=ORDERS)
def test_order_free_statistics_are_mean_deviation_and_ranks_of_each_feature(
    seed: int, n_samples: int, order: list[int]
) -> None:
    x = np.random.default_rng(seed).normal(size=(n_samples, 45))
    found = order_free(reordered(x, order))
    assert found.shape == (n_samples, 63)
    for row, statistics in zip(x, found, strict=True):
        values = [sorted(row[feature::9]) for feature in range(9)]
        np.testing.assert_allclose(statistics[:9], [np.mean(v) for v in values])
        np.testing.assert_allclose(statistics[9:18], [np.std(v) for v in values])
        np.testing.assert_array_equal(statistics[18:].reshape(5, 9).T, values)


def test_same_seed_gives_the_same_teacher(teacher: EnsembleTeacher) -> None:
    again = SETTINGS.train(TrainingSet(toy(300, seed=1), Samples.none(45)), seed=0)
    x = toy(20, seed=4).x
    np.testing.assert_array_equal(again.probabilities(x), teacher.probabilities(x))


def test_comes_back_from_its_file_with_equal_probabilities(
    teacher: EnsembleTeacher, tmp_path: Path
) -> None:
    teacher.save(tmp_path / "teacher")
    x = toy(20, seed=4).x
    np.testing.assert_array_equal(
        EnsembleSettings().load(tmp_path / "teacher").probabilities(x), teacher.probabilities(x)
    )


def test_probabilities_are_those_of_the_models_of_scikit_learn(teacher: EnsembleTeacher) -> None:
    samples, x = toy(300, seed=1), toy(3000, seed=4).x
    inputs, unseen = (np.ascontiguousarray(order_free(some)) for some in (samples.x, x))
    trees = HistGradientBoostingClassifier(
        max_iter=SETTINGS.n_trees,
        learning_rate=SETTINGS.tree_rate,
        max_leaf_nodes=SETTINGS.n_leaves,
        l2_regularization=SETTINGS.tree_regularisation,
        early_stopping=False,
        random_state=0,
    )
    machine = CalibratedClassifierCV(
        make_pipeline(StandardScaler(), SVC(C=SETTINGS.svm_penalty)), ensemble=False
    )
    expected = np.mean(
        [m.fit(inputs, samples.scene).predict_proba(unseen) for m in (trees, machine)], axis=0
    )
    found = teacher.probabilities(x)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)
    np.testing.assert_array_equal(found.argmax(axis=1), expected.argmax(axis=1))


def test_trees_alone_and_machine_alone_count_the_same(teacher: EnsembleTeacher) -> None:
    x = toy(50, seed=4).x
    one, other = (m.probabilities(order_free(x)) for m in (teacher.forest, teacher.machine))
    assert not np.allclose(one, other, atol=0.01)
    np.testing.assert_allclose(teacher.probabilities(x), (one + other) / 2, rtol=0, atol=1e-6)


def test_a_teacher_as_it_was_written_before_is_refused_with_a_reason(tmp_path: Path) -> None:
    joblib.dump(HistGradientBoostingClassifier(), tmp_path / "teacher")
    with pytest.raises(SettingsError, match="by this version of fedasc"):
        SETTINGS.load(tmp_path / "teacher")


def test_refuses_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such teacher"):
        SETTINGS.load(tmp_path / "teacher")


@pytest.mark.parametrize("kind", ["empty", "text", "zip", "other pickle"])
def test_refuses_a_file_of_another_kind(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "teacher"
    match kind:
        case "empty":
            path.touch()
        case "text":
            path.write_text("trees")
        case "zip":
            with path.open("wb") as file:
                np.savez(file, x=np.zeros(3))
        case "other pickle":
            joblib.dump({"trees": 3}, path)
    with pytest.raises(SettingsError, match="not a"):
        SETTINGS.load(path)


@pytest.mark.parametrize(
    "wrong", [{"n_trees": 0}, {"n_leaves": 1}, {"tree_rate": 0.0}, {"svm_penalty": 0.0}]
)
def test_refuses_settings_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="ensemble"):
        EnsembleSettings(**wrong)  # type: ignore[arg-type]
