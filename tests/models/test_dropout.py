from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import stats

from fedasc.models.dropout import draw_key, draws, epoch_words, mixed, threshold

N_EPOCHS, N_SAMPLES, N_UNITS, SHARE = 100, 2000, 9, 0.05
N_DRAWS = N_EPOCHS * N_SAMPLES * N_UNITS


def drawn(key: int) -> NDArray[Any]:
    """(n_epochs, n_samples, n_units)"""
    position, unit = np.arange(N_SAMPLES)[:, None], np.arange(N_UNITS)
    epochs = [draws(epoch_words(key, epoch), position, unit) for epoch in range(N_EPOCHS)]
    return np.stack(epochs)


def dropped(key: int) -> NDArray[Any]:
    """The same, of mean 0 and variance 1."""
    share = threshold(SHARE) / 2**32
    found: NDArray[Any] = ((drawn(key) < threshold(SHARE)) - share) / np.sqrt(share * (1 - share))
    return found


KEY = draw_key(np.random.default_rng(0))
DROPPED = dropped(KEY)


def z_score(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Of their correlation."""
    return float((one * other).sum() / np.sqrt(one.size))


def lowbias32(word: NDArray[Any]) -> NDArray[Any]:
    """As published, in C's arithmetic."""
    word = word ^ word >> np.uint32(16)
    word = word * np.uint32(0x7FEB352D)
    word = word ^ word >> np.uint32(15)
    word = word * np.uint32(0x846CA68B)
    last: NDArray[Any] = word ^ word >> np.uint32(16)
    return last


def test_mixes_as_the_source_says() -> None:
    words = np.random.default_rng(0).integers(2**32, size=10_000, dtype=np.uint32)
    words[:3] = 0, 1, 2**32 - 1
    expected = lowbias32(words)
    assert expected.dtype == np.uint32
    np.testing.assert_array_equal(mixed(words.astype(np.int64)), expected)
    assert [mixed(int(word)) for word in words[:99]] == expected[:99].tolist()


def test_draws_are_uniform() -> None:
    counts = np.bincount((drawn(KEY) >> 24).ravel(), minlength=256)
    assert stats.chisquare(counts).pvalue > 0.01


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5])
def test_drops_the_share(share: float) -> None:
    found = (drawn(KEY) < threshold(share)).mean()
    assert abs(found - share) <= 3 * np.sqrt(share * (1 - share) / N_DRAWS)


@pytest.mark.parametrize("axis", [0, 1, 2], ids=["epochs", "samples", "units"])
def test_nothing_tells_of_its_neighbours(axis: int) -> None:
    moved = np.moveaxis(DROPPED, axis, 0)
    scores = [z_score(moved[:-lag], moved[lag:]) for lag in range(1, 9)]
    assert np.abs(scores).max() < 4


def test_units_of_a_sample_are_dropped_independently() -> None:
    """The number of units dropped has the binomial distribution's frequencies."""
    counts = np.bincount((drawn(KEY) < threshold(0.5)).sum(axis=2).ravel(), minlength=N_UNITS + 1)
    expected = stats.binom.pmf(np.arange(N_UNITS + 1), N_UNITS, 0.5) * counts.sum()
    assert stats.chisquare(counts, expected).pvalue > 0.01


@pytest.mark.parametrize(
    "other", [KEY ^ 1, KEY ^ 1 << 32, KEY ^ 1 << 63, KEY + 1, KEY >> 32 | (KEY & 0xFFFFFFFF) << 32]
)
def test_keys_have_nothing_in_common(other: int) -> None:
    assert abs(z_score(DROPPED, dropped(other))) < 4


def test_keys_fill_64_bits_and_follow_the_stream() -> None:
    keys = [draw_key(np.random.default_rng(seed)) for seed in range(64)]
    assert len(set(keys)) == 64
    assert max(keys) >> 62 == 3
    assert min(keys) >> 62 == 0
    assert draw_key(np.random.default_rng(0)) == KEY


def test_pytorch_draws_the_same_bits() -> None:
    words = epoch_words(KEY, 3)
    found = draws(
        (torch.tensor([[words[0]]]), torch.tensor([[words[1]]])),
        torch.arange(N_SAMPLES)[:, None],
        torch.arange(N_UNITS),
    )
    np.testing.assert_array_equal(found.numpy(), drawn(KEY)[3])
