import io

import numpy as np
import pytest
import soundfile
from scipy.signal import welch

from fedasc.audio import Signal
from fedasc.report.sounds.encoding import encoded, listenable


def coloured(level: float, seed: int = 0) -> Signal:
    """Ten seconds of noise that falls by 6 dB per octave, and a tone of 440 Hz."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(160_000))
    spectrum /= np.maximum(np.fft.rfftfreq(160_000, 1 / 16_000), 50)
    noise = np.fft.irfft(spectrum)
    tone = np.sin(2 * np.pi * 440 * np.arange(160_000) / 16_000)
    signal = noise / noise.std() + tone
    loud: Signal = (level * signal / np.abs(signal).max()).astype(np.float32)
    return loud


def dbfs(signal: Signal) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(signal, dtype=float)))))


@pytest.mark.parametrize("level", [1e-4, 0.1, 3.0])
def test_a_sound_is_brought_to_one_level_and_says_by_how_much(level: float) -> None:
    signal = coloured(level)
    loud, raised_db = listenable(signal)
    assert loud.dtype == np.float32
    assert dbfs(loud) == pytest.approx(-23, abs=0.01)
    assert dbfs(loud) - dbfs(signal) == pytest.approx(raised_db, abs=0.01)


def test_a_burst_is_not_clipped_and_silence_stays() -> None:
    burst = np.zeros(160_000, np.float32)
    burst[:100] = 0.5
    loud, raised_db = listenable(burst)
    assert 20 * np.log10(np.abs(loud).max()) == pytest.approx(-1, abs=0.01)
    assert raised_db == pytest.approx(-1 - 20 * np.log10(0.5), abs=0.01)
    silent, _ = listenable(np.zeros(160_000, np.float32))
    assert not silent.any()


def test_what_is_decoded_sounds_like_what_was_encoded() -> None:
    loud, _ = listenable(coloured(0.1))
    content, media_type = encoded(loud)
    assert media_type == "audio/ogg"
    assert len(content) < 60_000
    again, rate_hz = soundfile.read(io.BytesIO(content), dtype="float32")
    assert (rate_hz, len(again)) == (16_000, 160_000)
    assert np.abs(again).max() < 1
    before, after = (welch(signal, 16_000, nperseg=2048)[1] for signal in (loud, again))
    hz = welch(loud, 16_000, nperseg=2048)[0]
    for low in (62.5, 125, 250, 500, 1000, 2000):
        band = (hz >= low) & (hz < 2 * low)
        assert 10 * np.log10(after[band].sum() / before[band].sum()) == pytest.approx(0, abs=1.5)
    assert hz[after.argmax()] == pytest.approx(440, abs=8)


def test_without_vorbis_it_is_wav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundfile, "available_subtypes", lambda _: {"OPUS": ""})
    loud, _ = listenable(coloured(0.1))
    content, media_type = encoded(loud)
    assert media_type == "audio/wav"
    again, rate_hz = soundfile.read(io.BytesIO(content), dtype="float32")
    assert rate_hz == 16_000
    np.testing.assert_allclose(again, loud, atol=1 / 32768)
