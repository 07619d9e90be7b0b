from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fedasc.errors import SettingsError
from fedasc.models.deep_sets import DeepSetsSettings, DeepSetsTeacher
from fedasc.models.labelling import statistics
from fedasc.models.samples import Samples, TrainingSet

SETTINGS = DeepSetsSettings(n_networks=2, n_hidden=16, n_steps=150, batch_size=32)


def toy(n_samples: int, *, seed: int) -> Samples:
    """Scenes that differ in mean and in spread of two features over the five vectors."""
    rng = np.random.default_rng(seed)
    scene = rng.integers(4, size=n_samples)
    z = rng.normal(size=(n_samples, 5, 9))
    z[:, :, 0] += 3 * (scene % 2)[:, None]
    z[:, :, 1] *= 1 + 5 * (scene // 2)[:, None]
    return Samples((5 * z - 20).reshape(n_samples, 45).astype(np.float32), scene)


TRAINING, UNSEEN = toy(300, seed=1), toy(200, seed=3)


def trained(settings: DeepSetsSettings = SETTINGS, *, seed: int = 0) -> DeepSetsTeacher:
    return settings.train(TrainingSet(TRAINING, Samples.none(45)), seed=seed)


@pytest.fixture(scope="module")
def teacher() -> DeepSetsTeacher:
    return trained()


def test_learns_more_than_chance(teacher: DeepSetsTeacher) -> None:
    probabilities = teacher.probabilities(UNSEEN.x)
    assert UNSEEN.accuracy(probabilities.argmax(axis=1)) > 0.7
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


@given(seed=st.integers(0, 2**32 - 1), order=st.permutations(range(5)))
def test_the_order_of_the_five_vectors_changes_nothing(
    teacher: DeepSetsTeacher, seed: int, order: list[int]
) -> None:
    x = np.random.default_rng(seed).normal(-20, 5, size=(3, 45))
    reordered = x.reshape(3, 5, 9)[:, order].reshape(3, 45)
    np.testing.assert_allclose(
        teacher.probabilities(reordered), teacher.probabilities(x), atol=1e-5
    )


def test_probabilities_are_the_mean_of_the_networks(teacher: DeepSetsTeacher) -> None:
    each = [DeepSetsTeacher((network,)).probabilities(UNSEEN.x) for network in teacher.networks]
    assert not np.allclose(each[0], each[1], atol=0.01)
    np.testing.assert_allclose(teacher.probabilities(UNSEEN.x), np.mean(each, axis=0))


def test_labels_are_those_of_the_network_as_it_learnt(teacher: DeepSetsTeacher) -> None:
    """Vectors in another layout, and statistics made otherwise."""
    with torch.inference_mode():
        networks = [weights.network() for weights in teacher.networks]
        outputs = [network(torch.from_numpy(UNSEEN.x)) for network in networks]
        expected = torch.stack([some.double().softmax(dim=1) for some in outputs]).mean(dim=0)
    np.testing.assert_allclose(teacher.probabilities(UNSEEN.x), expected.numpy(), rtol=0, atol=1e-5)


def test_statistics_are_mean_deviation_and_ranks_of_each_feature() -> None:
    z = np.random.default_rng(0).normal(size=(5, 30, 9))
    found = statistics(torch.from_numpy(z)).numpy()
    np.testing.assert_allclose(
        found, np.concatenate([z.mean(axis=0), z.std(axis=0), *np.sort(z, axis=0)], axis=1)
    )


def test_bfloat16_changes_hardly_a_label(teacher: DeepSetsTeacher) -> None:
    """The weights are the same, in the file as well; only labelling differs."""
    coarse = trained(replace(SETTINGS, precision="bfloat16"))
    for one, other in zip(coarse.networks, teacher.networks, strict=True):
        for name, array in one.arrays.items():
            np.testing.assert_array_equal(array, other.arrays[name])
    x = toy(2000, seed=4).x
    found, fine = coarse.probabilities(x), teacher.probabilities(x)
    difference = np.abs(found - fine)
    assert 1e-5 < difference.mean() < 0.002
    assert difference.max() < 0.03
    assert np.mean(found.argmax(axis=1) != fine.argmax(axis=1)) < 0.005


def test_the_precision_is_that_of_the_settings_that_load(
    teacher: DeepSetsTeacher, tmp_path: Path
) -> None:
    teacher.save(tmp_path / "teacher")
    coarse = DeepSetsSettings(precision="bfloat16").load(tmp_path / "teacher")
    np.testing.assert_array_equal(
        coarse.probabilities(UNSEEN.x),
        replace(teacher, precision="bfloat16").probabilities(UNSEEN.x),
    )
    assert not np.array_equal(coarse.probabilities(UNSEEN.x), teacher.probabilities(UNSEEN.x))


def test_labels_depend_on_no_dropout_and_on_no_other_sample(teacher: DeepSetsTeacher) -> None:
    apart = [teacher.probabilities(x[None])[0] for x in UNSEEN.x[:20]]
    np.testing.assert_allclose(teacher.probabilities(UNSEEN.x)[:20], apart, atol=1e-5)


def test_same_seed_gives_the_same_teacher_whatever_the_global_state(
    teacher: DeepSetsTeacher,
) -> None:
    before = torch.get_rng_state()
    again = trained().probabilities(UNSEEN.x)
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(again, teacher.probabilities(UNSEEN.x))
    assert not np.array_equal(again, trained(seed=1).probabilities(UNSEEN.x))


def test_takes_fewer_samples_than_a_batch() -> None:
    few = replace(SETTINGS, n_steps=2, batch_size=1000)
    assert np.isfinite(trained(few).probabilities(UNSEEN.x)).all()


def test_comes_back_from_its_file_with_equal_probabilities(
    teacher: DeepSetsTeacher, tmp_path: Path
) -> None:
    teacher.save(tmp_path / "teacher")
    loaded = DeepSetsSettings().load(tmp_path / "teacher")
    np.testing.assert_array_equal(loaded.probabilities(UNSEEN.x), teacher.probabilities(UNSEEN.x))


def test_refuses_a_file_that_is_missing_or_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such teacher"):
        SETTINGS.load(tmp_path / "teacher")
    (tmp_path / "teacher").write_text("weights")
    with pytest.raises(SettingsError, match="not deep sets"):
        SETTINGS.load(tmp_path / "teacher")


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_networks": 0},
        {"n_hidden": 0},
        {"n_steps": 0},
        {"batch_size": 0},
        {"dropout": 1.0},
        {"learning_rate": 0.0},
        {"weight_decay": -1.0},
        {"mix_up": -1.0},
        {"precision": "float8"},
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="deep_sets"):
        DeepSetsSettings(**wrong)  # type: ignore[arg-type]


def test_labels_in_one_thread_so_that_they_are_the_same_everywhere(
    teacher: DeepSetsTeacher,
) -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        coarse = DeepSetsTeacher(teacher.networks, "bfloat16")  # by PyTorch
        found = coarse.probabilities(UNSEEN.x)
        assert torch.get_num_threads() == 1
        np.testing.assert_array_equal(coarse.probabilities(UNSEEN.x), found)
    finally:
        torch.set_num_threads(before)
