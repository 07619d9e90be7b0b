import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.audio.mixing import mix_at_snr
from fedasc.errors import AudioError


@given(
    snr_db=st.floats(-20, 45),
    speech_db=st.floats(-60, 0),
    noise_db=st.floats(-60, 0),
    seed=st.integers(0, 100),
    dtype=st.sampled_from(["f4", "f8"]),
)
def test_the_mixture_has_the_snr_and_the_speech_its_level(
    snr_db: float, speech_db: float, noise_db: float, seed: int, dtype: str
) -> None:
    rng = np.random.default_rng(seed)
    speech = (10 ** (speech_db / 20) * rng.normal(size=2_000)).astype(dtype)
    noise = (10 ** (noise_db / 20) * rng.normal(size=2_000)).astype(dtype)
    mixture = mix_at_snr(speech, noise, snr_db)
    assert mixture.dtype == speech.dtype
    # What is left without the speech as it was is noise and nothing else.
    added = mixture.astype(np.float64) - speech
    gain = added @ noise / (noise @ noise.astype(np.float64))
    np.testing.assert_allclose(added, gain * noise, rtol=0, atol=1e-5 * np.abs(mixture).max())
    measured_db = 10 * np.log10(np.mean(speech.astype(np.float64) ** 2) / np.mean(added**2))
    assert measured_db == pytest.approx(snr_db, abs=0.01)
    assert gain > 0


def test_signals_are_left_as_they_were(rng: np.random.Generator) -> None:
    speech, noise = rng.normal(size=(2, 100))
    before = speech.copy(), noise.copy()
    mix_at_snr(speech, noise, 0)
    np.testing.assert_array_equal((speech, noise), before)


@pytest.mark.parametrize("lengths", [(10, 11), (10, 1), (0, 10)])
def test_unequal_lengths_are_refused(lengths: tuple[int, int]) -> None:
    speech, noise = (np.ones(n) for n in lengths)
    with pytest.raises(AudioError, match="equally long"):
        mix_at_snr(speech, noise, 0)


@pytest.mark.parametrize("levels", [(0, 1), (1, 0), (0, 0)])
def test_silence_has_no_snr(levels: tuple[int, int]) -> None:
    speech, noise = (level * np.ones(10) for level in levels)
    with pytest.raises(AudioError, match="silent"):
        mix_at_snr(speech, noise, 0)
