"""What a device makes of sound, window after window."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedasc.arithmetic.functions import softmax
from fedasc.audio.ams import ams_vectors, sequences
from fedasc.audio.bank import FilterBank
from fedasc.errors import AudioError
from fedasc.live.listening import Listener, Window, level_of
from fedasc.live.meter import bar
from fedasc.models.embedded import EmbeddedClassifier, initial

BANK = FilterBank()
N_SAMPLES = 160_000
SOUND = np.random.default_rng(3).normal(0, 3000, 3 * N_SAMPLES + 5000).astype(np.int16)


@pytest.fixture(scope="module")
def classifier() -> EmbeddedClassifier:
    return initial(np.random.default_rng(2), "statistics")


def heard(classifier: EmbeddedClassifier, *pieces: np.ndarray) -> list[Window]:
    listener = Listener(BANK, classifier, start_s=2.5)
    return [window for piece in pieces for window in listener.push(piece)]


def test_windows_follow_one_another_with_filters_that_run_on(
    classifier: EmbeddedClassifier,
) -> None:
    windows = heard(classifier, SOUND)
    x = sequences(ams_vectors(BANK, SOUND[None]))[0].astype(np.float32)
    shares = softmax(classifier.logits(x))
    assert len(windows) == 3
    for number, window in enumerate(windows):
        assert window.x.tobytes() == x[number].tobytes()
        assert window.scene == shares[number].argmax()
        assert window.certainty == shares[number].max()
        assert (window.start_s, window.seconds) == (2.5 + 10 * number, 10.0)


@settings(max_examples=5)
@given(cuts=st.lists(st.integers(0, len(SOUND)), max_size=4))
def test_pieces_of_any_length_make_the_same_windows(cuts: list[int]) -> None:
    one = initial(np.random.default_rng(2), "sequence")
    whole, pieces = heard(one, SOUND), heard(one, *np.split(SOUND, sorted(cuts)))
    assert [window.x.tobytes() for window in pieces] == [window.x.tobytes() for window in whole]
    assert [window.line() for window in pieces] == [window.line() for window in whole]


def test_it_knows_how_long_it_has_listened(classifier: EmbeddedClassifier) -> None:
    listener = Listener(BANK, classifier)
    assert len(list(listener.push(SOUND[: N_SAMPLES + 16_000]))) == 1
    assert listener.seconds == pytest.approx(11.0)


@pytest.mark.parametrize(
    ("samples", "level"),
    [
        (np.full(N_SAMPLES, 16_384, np.int16), -6.0206),
        (np.full(N_SAMPLES, 0.1, np.float32), -20.0),
        (np.full(N_SAMPLES, -32_768, np.int16), 0.0),
        (np.zeros(N_SAMPLES, np.int16), -np.inf),
    ],
)
def test_levels_are_relative_to_full_scale(
    samples: np.ndarray, level: float, classifier: EmbeddedClassifier
) -> None:
    before, window = heard(classifier, SOUND[:N_SAMPLES], samples)
    assert before.level_dbfs == pytest.approx(level_of(SOUND[:N_SAMPLES]))
    assert window.level_dbfs == pytest.approx(level, abs=1e-3)
    assert level_of(samples) == pytest.approx(level, abs=1e-3)
    assert np.isfinite(window.x).all()


def test_a_line_is_start_length_scene_certainty_and_level() -> None:
    window = Window(
        start_s=20.0,
        seconds=10.0,
        scene=3,
        certainty=0.926,
        level_dbfs=-31.24,
        x=np.zeros(45, "f4"),
    )
    assert window.line() == "20.0 10.0 speech_in_noise 0.93 -31.2"


def test_what_is_not_finite_is_refused(classifier: EmbeddedClassifier) -> None:
    samples = np.zeros(N_SAMPLES, np.float32)
    samples[7] = np.nan
    with pytest.raises(AudioError, match="finite"):
        heard(classifier, samples)


def test_the_meter_is_full_at_full_scale_and_empty_60_db_below() -> None:
    assert {bar(0.0), bar(3.0)} == {"█" * 30}
    assert {bar(-60.0), bar(-np.inf)} == {"·" * 30}
    assert bar(-20.0) == "█" * 20 + "·" * 10
