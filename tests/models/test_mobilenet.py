import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.mobilenet import MobileNetSettings, MobileNetTeacher
from fedasc.models.mobilenet_network import Network
from fedasc.models.samples import Samples, TrainingSet

pytestmark = pytest.mark.usefixtures("small_blocks")
SETTINGS = MobileNetSettings(side=8, n_epochs=2, batch_size=16, n_networks=1)


def toy(n_samples: int, *, seed: int) -> Samples:
    """Scenes with feature vectors of their own."""
    rng = np.random.default_rng(seed)
    scene = rng.integers(4, size=n_samples)
    vectors = np.random.default_rng(9).normal(size=(4, 9))
    z = rng.normal(size=(n_samples, 5, 9)) + 3 * vectors[scene][:, None]
    return Samples((5 * z - 20).reshape(n_samples, 45).astype(np.float32), scene)


TRAINING, VALIDATION = toy(480, seed=1), toy(40, seed=2)


def trained(settings: MobileNetSettings = SETTINGS, *, seed: int = 0) -> MobileNetTeacher:
    return settings.train(TrainingSet(TRAINING[:48], VALIDATION[:20]), seed=seed)


@pytest.fixture(scope="module")
def teacher() -> MobileNetTeacher:
    return replace(SETTINGS, side=16, n_epochs=4).train(TrainingSet(TRAINING, VALIDATION), seed=0)


@pytest.fixture(scope="module")
def plain() -> FloatArray:
    """What a teacher of the usual settings says."""
    return trained().probabilities(VALIDATION.x)


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


def test_a_turn_of_the_five_vectors_changes_no_label_when_all_orders_are_asked(
    teacher: MobileNetTeacher,
) -> None:
    turned = np.roll(VALIDATION.x, 2 * 9, axis=1)
    one, other = teacher.probabilities(VALIDATION.x), teacher.probabilities(turned)
    np.testing.assert_allclose(one, other, atol=1e-5)
    single = replace(teacher, n_orders=1)
    assert not np.allclose(single.probabilities(turned), one, atol=0.01)


def test_ranked_values_tell_nothing_of_their_order() -> None:
    ranked = trained(replace(SETTINGS, ranked=True, shuffled=False, n_orders=1))
    plain = trained(replace(SETTINGS, shuffled=False, n_orders=1))
    x = VALIDATION.x
    swapped = x.reshape(-1, 5, 9)[:, [1, 0, 2, 3, 4]].reshape(-1, 45)
    np.testing.assert_array_equal(ranked.probabilities(swapped), ranked.probabilities(x))
    assert not np.array_equal(plain.probabilities(swapped), plain.probabilities(x))


def test_several_networks_and_orders_are_averaged() -> None:
    teacher = trained(replace(SETTINGS, n_networks=2, n_orders=1))
    each = [MobileNetTeacher((n,)).probabilities(VALIDATION.x) for n in teacher.networks]
    assert not np.allclose(each[0], each[1], atol=0.01)
    np.testing.assert_allclose(
        teacher.probabilities(VALIDATION.x), np.mean(each, axis=0), atol=1e-6
    )


@pytest.mark.parametrize(
    "other",
    [
        *({"schedule": "constant"}, {"weight_decay": 0.0}, {"mix_up": 0.0}, {"ranked": True}),
        *(
            {"shuffled": False},
            {"label_smoothing": 0.1},
            {"input_noise": 0.1},
            {"average_decay": 0.9},
        ),
    ],
)
def test_every_setting_of_the_training_tells(other: dict[str, Any], plain: FloatArray) -> None:
    assert not np.array_equal(
        trained(replace(SETTINGS, **other)).probabilities(VALIDATION.x), plain
    )


def test_bfloat16_changes_few_labels(teacher: MobileNetTeacher) -> None:
    x = toy(128, seed=4).x
    coarse = replace(teacher, precision="bfloat16").probabilities(x)
    fine = teacher.probabilities(x)
    difference = np.abs(coarse - fine)
    assert 1e-5 < difference.mean() < 0.02
    assert difference.max() < 0.2
    assert np.mean(coarse.argmax(axis=1) != fine.argmax(axis=1)) < 0.05


def test_the_precision_is_that_of_the_settings_that_load(
    teacher: MobileNetTeacher, tmp_path: Path
) -> None:
    teacher.save(tmp_path / "teacher")
    coarse = replace(SETTINGS, precision="bfloat16").load(tmp_path / "teacher")
    x = VALIDATION.x
    np.testing.assert_array_equal(
        coarse.probabilities(x), replace(teacher, precision="bfloat16").probabilities(x)
    )


def test_labels_are_those_of_the_network_as_it_learnt(teacher: MobileNetTeacher) -> None:
    (network,) = teacher.networks
    with torch.inference_mode():
        turns = [np.roll(VALIDATION.x, 9 * turn, axis=1) for turn in range(5)]
        outputs = [network(torch.from_numpy(x)).double().softmax(dim=1) for x in turns]
    np.testing.assert_allclose(
        teacher.probabilities(VALIDATION.x), np.mean(outputs, axis=0), rtol=0, atol=1e-5
    )


def test_keeps_the_best_epoch_and_stops_when_patience_is_over() -> None:
    """Which epoch that is depends on the processor, so it is told by teachers that end there."""
    constant = replace(SETTINGS, schedule="constant", n_orders=1)
    x = VALIDATION.x
    second = trained(replace(constant, n_epochs=2))
    scenes = second.probabilities(x).argmax(axis=1)  # so that the second is never bettered
    learnt: list[FloatArray] = []
    right: list[float] = []
    best = 1
    for n in range(1, 7):
        one = second if n == 2 else trained(replace(constant, n_epochs=n))
        learnt.append(one.probabilities(x))
        right.append(np.mean(learnt[-1].argmax(axis=1) == scenes))
        best = n if right[n - 1] >= right[best - 1] else best
        if n - best >= 2:
            break
    epochs: list[int] = []
    kept = replace(constant, n_epochs=6, keep_best=True, patience=2).train(
        TrainingSet(TRAINING[:48], Samples(x, scenes)),
        seed=0,
        progress=lambda _, epoch, __: epochs.append(epoch),
    )
    np.testing.assert_array_equal(kept.probabilities(x), learnt[best - 1])
    assert epochs == list(range(1, n + 1))


def test_inputs_are_standardised_by_feature_whatever_the_vector(teacher: MobileNetTeacher) -> None:
    (network,) = teacher.networks
    vectors = TRAINING.x.reshape(-1, 9)
    np.testing.assert_allclose(network.centre.numpy(), np.tile(vectors.mean(axis=0), 5), rtol=1e-4)
    np.testing.assert_allclose(network.spread.numpy(), np.tile(vectors.std(axis=0), 5), rtol=1e-3)


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


def test_a_file_tells_whether_values_are_ranked(tmp_path: Path) -> None:
    ranked = trained(replace(SETTINGS, ranked=True))
    ranked.save(tmp_path / "teacher")
    loaded = SETTINGS.load(tmp_path / "teacher")
    np.testing.assert_array_equal(
        loaded.probabilities(VALIDATION.x), ranked.probabilities(VALIDATION.x)
    )


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
            states = [nn.Linear(2, 2).state_dict()]
            torch.save({"side": 8, "ranked": True, "n_orders": 1, "states": states}, path)
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
    [
        *({"side": 7}, {"n_epochs": 0}, {"batch_size": 1}, {"learning_rate": 0.0}),
        *({"mix_up": -1.0}, {"weight_decay": -1.0}, {"input_noise": -1.0}, {"patience": -1}),
        *({"label_smoothing": 1.0}, {"average_decay": 1.0}, {"n_orders": 0}, {"n_orders": 6}),
        *({"n_networks": 0}, {"schedule": "weekly"}, {"precision": "float8"}),
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="mobilenet"):
        MobileNetSettings(**wrong)  # type: ignore[arg-type]
