from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.errors import SettingsError
from fedasc.models.student import Student, statistics_of
from fedasc.models.student_settings import StudentSettings

X = np.random.default_rng(3).normal(-2, 5, size=(1100, 45)).astype(np.float32)


def student(*hidden: int, seed: int = 0) -> Student:
    """With weights that make something of all inputs."""
    rng = np.random.default_rng(seed)
    sizes = (63, *hidden, 4)
    layers = [(rng.normal(size=(n, m)) / n**0.5, rng.normal(size=m)) for n, m in pairwise(sizes)]
    weights, biases = zip(*layers, strict=True)
    return Student(
        tuple(each.astype(np.float32) for each in weights),
        tuple(each.astype(np.float32) for each in biases),
        disagreement=0.04,
        distance=0.05,
        bound=0.1,
    )


def by_numpy(one: Student, x: NDArray[np.float32]) -> NDArray[np.float64]:
    """The same, without any code of the student's."""
    vectors = x.astype(np.float64).reshape(len(x), 5, 9)
    outputs = np.concatenate(
        [vectors.mean(axis=1), vectors.std(axis=1), np.sort(vectors, axis=1).reshape(len(x), 45)],
        axis=1,
    )
    for number, (weights, biases) in enumerate(zip(one.weights, one.biases, strict=True)):
        outputs = (outputs if number == 0 else outputs.clip(min=0)) @ weights + biases
    odds = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
    return shares


@pytest.mark.parametrize("hidden", [(), (5,), (64, 64), (20, 33, 7)])
def test_says_what_its_layers_say(hidden: tuple[int, ...]) -> None:
    one = student(*hidden)
    expected = by_numpy(one, X)
    assert expected.std(axis=0).max() > 0.01
    np.testing.assert_allclose(one.probabilities(X), expected, atol=1e-4)


def test_its_inputs_are_mean_deviation_and_ranks_of_each_feature() -> None:
    vectors = X.reshape(-1, 5, 9)
    ranks = np.sort(vectors, axis=1).reshape(len(X), 45)
    expected = np.concatenate([vectors.mean(axis=1), vectors.std(axis=1), ranks], axis=1)
    np.testing.assert_allclose(statistics_of(X), expected, rtol=1e-5)


def test_labels_alike_by_pytorch() -> None:
    one = student(20, 12)
    there = one.on("cpu:0")
    assert there.device == "cpu:0"
    np.testing.assert_allclose(there.probabilities(X), one.probabilities(X), rtol=0, atol=1e-5)


def test_comes_back_from_its_file(tmp_path: Path) -> None:
    one = student(20, 12)
    one.save(tmp_path / "student")
    again = Student.load(tmp_path / "student")
    np.testing.assert_array_equal(again.probabilities(X), one.probabilities(X))
    assert again.facts() == one.facts()


def test_passes_up_to_its_bound() -> None:
    one = student(4)
    assert one.passes
    assert one.facts() == {"labels": True, "disagreement": 0.04, "distance": 0.05, "bound": 0.1}
    assert not Student(one.weights, one.biases).passes


@pytest.mark.parametrize(
    "wrong",
    [
        {"use": "always"},
        {"bound": 1.5},
        {"bound": float("nan")},
        {"hidden": (64, 0)},
        {"n_steps": 0},
        {"batch_size": 0},
        {"n_artificial": -1},
        {"learning_rate": 0.0},
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="student"):
        StudentSettings(**wrong)  # type: ignore[arg-type]
