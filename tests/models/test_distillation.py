"""What the student learns, against PyTorch. That its bits are the same is in tests/test_kernels."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from fedasc.models.distillation import _gradients, _rates, compared, distilled
from fedasc.models.network_training import one_cycle
from fedasc.models.samples import Samples
from fedasc.models.student import Student
from fedasc.models.student_settings import StudentSettings
from tests.models.test_labelling import toy

SETTINGS = StudentSettings(hidden=(24, 16), n_steps=250, batch_size=64, bound=0.1)


def told(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """A teacher's word: soft, and of the mean and the spread over the five vectors."""
    vectors = x.reshape(len(x), 5, 9).astype(np.float64)
    scores = np.stack(
        [vectors[:, :, 0].mean(1) + 20, vectors[:, :, 1].std(1) - 4, vectors[:, :, 2].max(1) + 15],
        axis=1,
    )
    odds = np.exp(np.concatenate([scores, np.zeros((len(x), 1))], axis=1) / 3)
    shares: NDArray[np.float32] = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


class Teacher(nn.Module):
    def probabilities(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        return told(x).astype(np.float64)


def lessons(n_samples: int = 2000) -> Samples:
    x = toy(n_samples, seed=1).x
    beliefs = told(x)
    return Samples(x, beliefs.argmax(axis=1), beliefs)


def pupil(settings: StudentSettings = SETTINGS, *, seed: int = 0) -> Student:
    return distilled(settings, lessons(), seed=np.random.SeedSequence(seed))


def test_says_what_the_teacher_says_of_samples_that_it_did_not_learn_from() -> None:
    x = toy(1000, seed=2).x
    student = compared(pupil(), Teacher(), x, bound=0.1)  # type: ignore[arg-type]
    said, meant = student.probabilities(x), told(x)
    assert student.disagreement == np.mean(said.argmax(axis=1) != meant.argmax(axis=1)) < 0.1
    np.testing.assert_allclose(student.distance, np.abs(said - meant).sum(axis=1).mean() / 2)
    assert student.distance < 0.05 < np.abs(meant.mean(axis=0) - meant).sum(axis=1).mean() / 2
    assert student.passes
    assert not compared(student, Teacher(), x, bound=0.0).passes  # type: ignore[arg-type]


def test_who_was_not_compared_never_labels() -> None:
    assert not pupil().passes


def test_gradients_are_those_of_pytorch() -> None:
    rng = np.random.default_rng(5)
    x, targets = rng.normal(size=(70, 63)).astype(np.float32), lessons(70).targets()
    layers = [
        (rng.normal(size=(n + 1, m)) / 5).astype(np.float32)
        for n, m in [(63, 20), (20, 12), (12, 4)]
    ]
    tensors = [torch.tensor(layer, requires_grad=True) for layer in layers]
    outputs = torch.from_numpy(x)
    for number, layer in enumerate(tensors):
        outputs = torch.addmm(layer[-1], outputs.relu() if number else outputs, layer[:-1])
    torch.autograd.backward(nn.functional.cross_entropy(outputs, torch.from_numpy(targets)))
    for found, tensor in zip(_gradients(layers, x, targets), tensors, strict=True):
        assert tensor.grad is not None
        np.testing.assert_allclose(found, tensor.grad.numpy(), rtol=1e-4, atol=1e-7)


def test_rates_are_one_cycle() -> None:
    settings = StudentSettings(n_steps=40, learning_rate=0.01)
    optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], 0.01)
    rate, expected = one_cycle(optimiser, 40), []
    for _ in range(40):
        expected.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        rate.step()
    np.testing.assert_allclose(_rates(settings), expected, rtol=1e-9)


def test_takes_fewer_samples_than_a_batch_and_a_single_step() -> None:
    settings = StudentSettings(hidden=(), n_steps=1, batch_size=5000)
    student = distilled(settings, lessons(30), seed=np.random.SeedSequence(0))
    assert np.isfinite(student.probabilities(toy(10, seed=2).x)).all()


def test_another_seed_makes_another_student() -> None:
    one, other, again = pupil(), pupil(seed=1), pupil()
    assert not np.array_equal(one.weights[0], other.weights[0])
    np.testing.assert_array_equal(one.weights[0], again.weights[0])
