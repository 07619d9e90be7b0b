import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.audio import Stored
from fedasc.audio.mixing import mix_at_snr, turned
from fedasc.errors import AudioError


def stored(level_db: float, rng: np.random.Generator, n_samples: int = 2_000) -> Stored:
    """Noise of a level below full scale; never all zeros."""
    samples = 32768 * 10 ** (level_db / 20) * rng.normal(size=n_samples)
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


@given(
    snr_db=st.floats(-20, 45),
    speech_db=st.floats(-60, 0),
    noise_db=st.floats(-60, 0),
    seed=st.integers(0, 100),
    start=st.integers(0, 1_999),
)
def test_the_mixture_has_the_snr_and_the_speech_its_level(
    snr_db: float, speech_db: float, noise_db: float, seed: int, start: int
) -> None:
    rng = np.random.default_rng(seed)
    speech, noise = stored(speech_db, rng), stored(noise_db, rng)
    mixture = mix_at_snr(speech, noise, snr_db, start=start)
    assert mixture.dtype == np.float32
    # What is left without the speech as it was is noise and nothing else.
    told, behind = np.roll(speech, -start) / 32768, noise / 32768
    added = mixture.astype(np.float64) - told
    gain = added @ behind / (behind @ behind)
    np.testing.assert_allclose(added, gain * behind, rtol=0, atol=1e-5 * np.abs(mixture).max())
    measured_db = 10 * np.log10(np.mean(told**2) / np.mean(added**2))
    assert measured_db == pytest.approx(snr_db, abs=0.01)
    assert gain > 0


@pytest.mark.parametrize("start", [0, 1, 999, 1_999])
def test_a_turned_recording_is_all_of_it_from_another_sample_on(
    start: int, rng: np.random.Generator
) -> None:
    samples = stored(-20, rng)
    signal = turned(samples, start)
    np.testing.assert_array_equal(
        signal, np.roll(samples, -start).astype(np.float32) / np.float32(32768), strict=True
    )


def test_the_loudest_samples_do_not_overflow() -> None:
    loudest = np.full(160_000, -32768, np.int16)
    np.testing.assert_array_equal(mix_at_snr(loudest, loudest, 0), np.float32(-2))


def test_signals_may_be_read_only_and_stay_as_they_were(rng: np.random.Generator) -> None:
    speech, noise = stored(-20, rng), stored(-30, rng)
    before = speech.copy(), noise.copy()
    for samples in (speech, noise):
        samples.flags.writeable = False
    mix_at_snr(speech, noise, 0, start=5)
    turned(speech, 5)
    np.testing.assert_array_equal((speech, noise), before)


@pytest.mark.parametrize("lengths", [(10, 11), (10, 1), (0, 10)])
def test_unequal_lengths_are_refused(lengths: tuple[int, int]) -> None:
    speech, noise = (np.ones(n, np.int16) for n in lengths)
    with pytest.raises(AudioError, match="equally long"):
        mix_at_snr(speech, noise, 0)


@pytest.mark.parametrize("levels", [(0, 1), (1, 0), (0, 0)])
def test_silence_has_no_snr(levels: tuple[int, int]) -> None:
    speech, noise = (np.full(10, level, np.int16) for level in levels)
    with pytest.raises(AudioError, match="silent"):
        mix_at_snr(speech, noise, 0)
