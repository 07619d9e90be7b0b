from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from fedasc.models.embedded import EmbeddedClassifier, initial
from fedasc.models.inputs import statistics


def random_classifier(seed: int) -> EmbeddedClassifier:
    """Statistics and weights far from their first values."""
    rng = np.random.default_rng(seed)
    arrays = {
        name: rng.normal(size=array.shape).astype(np.float32)
        for name, array in initial(rng).arrays().items()
    }
    arrays["variance"] = np.exp(arrays["variance"])
    return EmbeddedClassifier(**arrays, inputs="sequence")


def in_torch(classifier: EmbeddedClassifier) -> nn.Sequential:
    """Table 2 of the paper, of PyTorch's own layers, with the same numbers."""
    a = {name: torch.tensor(array) for name, array in classifier.arrays().items()}
    network = nn.Sequential(nn.BatchNorm1d(45), nn.Linear(45, 9), nn.ReLU(), nn.Linear(9, 4))
    network.load_state_dict(
        {
            "0.running_mean": a["mean"],
            "0.running_var": a["variance"],
            "0.num_batches_tracked": torch.tensor(0),
            "0.weight": a["scale"],
            "0.bias": a["shift"],
            "1.weight": a["hidden_weights"].T,
            "1.bias": a["hidden_biases"],
            "3.weight": a["output_weights"].T,
            "3.bias": a["output_biases"],
        }
    )
    return network.eval()


def test_has_the_papers_544_parameters_and_90_statistics() -> None:
    classifier = random_classifier(0)
    assert classifier.n_parameters == 544
    assert sum(p.numel() for p in in_torch(classifier).parameters()) == 544
    assert classifier.n_bytes == 4 * (544 + 90) + 1


@given(seed=st.integers(0, 2**32 - 1), n_samples=st.integers(1, 40))
def test_infers_as_pytorch_does(seed: int, n_samples: int) -> None:
    classifier = random_classifier(seed)
    x = np.random.default_rng(seed).normal(0, 10, size=(n_samples, 45)).astype(np.float32)
    with torch.inference_mode():
        expected = in_torch(classifier)(torch.from_numpy(x)).numpy()
    found = classifier.logits(x)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(classifier.predict(x), found.argmax(axis=1))


def test_statistics_go_into_the_first_layer_in_place_of_the_sequence() -> None:
    ordered = random_classifier(0)
    x = np.random.default_rng(1).normal(-60, 12, size=(50, 45)).astype(np.float32)
    found = replace(ordered, inputs="statistics").logits(x)
    np.testing.assert_array_equal(found, ordered.logits(statistics(x)))
    assert not np.array_equal(found, ordered.logits(x))


@pytest.mark.parametrize("name", random_classifier(0).arrays())
def test_arrays_are_read_only(name: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        random_classifier(0).arrays()[name][:] = 0


def test_first_weights_are_uniform_within_pytorchs_bounds() -> None:
    weights = np.concatenate(
        [initial(np.random.default_rng(seed)).hidden_weights.ravel() for seed in range(20)]
    )
    bound = 45**-0.5
    assert np.abs(weights).max() <= bound
    assert np.mean(weights**2) == pytest.approx(bound**2 / 3, rel=0.05)
