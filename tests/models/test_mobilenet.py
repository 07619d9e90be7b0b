import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from fedasc.errors import SettingsError
from fedasc.models.mobilenet import MobileNetSettings, MobileNetTeacher, Network
from fedasc.models.samples import Samples, TrainingSet

SETTINGS = MobileNetSettings(side=8, n_epochs=2, batch_size=16)


def toy(n_samples: int, *, seed: int) -> Samples:
    """Scenes with feature vectors of their own."""
    rng = np.random.default_rng(seed)
    scene = rng.integers(4, size=n_samples)
    vectors = np.random.default_rng(9).normal(size=(4, 9))
    z = rng.normal(size=(n_samples, 5, 9)) + 3 * vectors[scene][:, None]
    return Samples((5 * z - 20).reshape(n_samples, 45).astype(np.float32), scene)


TRAINING, VALIDATION = toy(480, seed=1), toy(100, seed=2)


def trained(seed: int = 0) -> MobileNetTeacher:
    return SETTINGS.train(TrainingSet(TRAINING[:48], VALIDATION[:20]), seed=seed)


@pytest.fixture(scope="module")
def teacher() -> MobileNetTeacher:
    return replace(SETTINGS, side=16, n_epochs=4).train(TrainingSet(TRAINING, VALIDATION), seed=0)


@pytest.fixture
def threads() -> Iterator[int]:
    """A number of threads that training itself doesn't use."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield 2
    torch.set_num_threads(before)


def n_parameters(*modules: nn.Module) -> int:
    return sum(p.numel() for module in modules for p in module.parameters())


def test_has_the_papers_parameters() -> None:
    network = Network(224)
    assert n_parameters(network.across_features, network.across_time, network.colour) == 3590
    assert n_parameters(network.output) == 4004
    assert n_parameters(network) == 3_512_466


def test_sees_a_sequence_as_a_picture_of_five_times_by_nine_features() -> None:
    """Against the picture written out as sums, from a sequence of distinct numbers."""
    network = Network(8).eval()
    pictures: list[torch.Tensor] = []
    network.colour.register_forward_hook(lambda module, inputs, output: pictures.append(inputs[0]))
    x = np.random.default_rng(0).normal(size=45).astype(np.float32)
    with torch.inference_mode():
        network(torch.from_numpy(x)[None])
    (w, b), (v, c) = (
        (layer.weight.detach().numpy(), layer.bias.detach().numpy())
        for layer in (network.across_features, network.across_time)
    )
    z = [x[9 * t : 9 * t + 9] for t in range(5)]
    columns = np.array([np.maximum(w @ vector + b, 0) for vector in z])
    expected = np.maximum(np.einsum("rt,tf->fr", v, columns) + c, 0)
    np.testing.assert_allclose(pictures[0][0, 0].numpy(), expected, atol=1e-5)


def test_learns_more_than_chance(teacher: MobileNetTeacher) -> None:
    probabilities = teacher.probabilities(VALIDATION.x)
    assert VALIDATION.accuracy(probabilities.argmax(axis=1)) > 0.5
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_comes_back_from_its_file_with_equal_probabilities(
    teacher: MobileNetTeacher, tmp_path: Path
) -> None:
    teacher.save(tmp_path / "teacher")
    loaded = MobileNetSettings().load(tmp_path / "teacher")
    np.testing.assert_array_equal(
        loaded.probabilities(VALIDATION.x), teacher.probabilities(VALIDATION.x)
    )


def test_refuses_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such teacher"):
        SETTINGS.load(tmp_path / "teacher")


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("kind", ["empty", "text", "pickle", "zip of torch", "other weights"])
def test_refuses_a_file_of_another_kind(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "teacher"
    match kind:
        case "empty":
            path.touch()
        case "text":
            path.write_text("weights")
        case "pickle":
            path.write_bytes(pickle.dumps(Samples.none(45)))
        case "zip of torch":
            torch.save(torch.zeros(3), path)
        case "other weights":
            torch.save({"side": 8, "state": nn.Linear(2, 2).state_dict()}, path)
    with pytest.raises(SettingsError, match="not a C2"):
        SETTINGS.load(path)


def _numpy_state() -> Any:
    return np.random.get_state(legacy=False)["state"]["key"].copy()  # noqa: NPY002


def test_training_leaves_the_global_state_of_torch_and_numpy_alone(threads: int) -> None:
    torch_state, numpy_state = torch.get_rng_state(), _numpy_state()
    trained()
    assert torch.equal(torch.get_rng_state(), torch_state)
    np.testing.assert_array_equal(_numpy_state(), numpy_state)
    assert torch.get_num_threads() == threads
    assert (torch.tensor([1e-310], dtype=torch.float64) * 0.5).item() > 0, "denormals are back"


def test_same_seed_gives_the_same_teacher_whatever_the_global_state() -> None:
    first = trained().probabilities(VALIDATION.x)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        second = trained().probabilities(VALIDATION.x)
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, trained(seed=1).probabilities(VALIDATION.x))


@pytest.mark.parametrize(
    "wrong",
    [{"side": 7}, {"n_epochs": 0}, {"batch_size": 1}, {"learning_rate": 0.0}, {"mix_up": -1.0}],
)
def test_refuses_settings_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="mobilenet"):
        MobileNetSettings(**wrong)  # type: ignore[arg-type]
