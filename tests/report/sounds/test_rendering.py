import io
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from PIL import Image

from fedasc.attacks.attack import Attack
from fedasc.audio.ams import ams_vectors, sequences
from fedasc.audio.microphone import Microphone
from fedasc.evaluation.predictions import Predictions
from fedasc.evaluation.scores import CLASSIFIERS
from fedasc.report.sounds.rendering import clips_of, rendered
from fedasc.scenario import Scenario
from fedasc.scenes import SCENE_NAMES
from fedasc.seeds import Purpose
from fedasc.simulated import hear, windows_of
from tests.worlds import N_USERS, tiny_world

NIGHT, N_WRONG = 1, 6


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Of users whose microphones differ, have noise and overload, and who live elsewhere later."""
    scenario = tiny_world().scenario
    microphone = Microphone(gain_db=3.0, tilt_db=4.0, self_noise_db_spl=40.0, clipping_db_spl=80.0)
    first = replace(scenario.users[0], microphone=microphone, drift=0.5, familiarity=0.5)
    return replace(scenario, users=(first, *scenario.users[1:]))


@pytest.fixture(scope="module")
def predictions(scenario: Scenario) -> Mapping[int, Predictions]:
    """The personal classifier takes six windows for noise, and the teacher knows all."""
    kept = {}
    for device in range(N_USERS):
        truth = hear(scenario, device, Purpose.EVALUATION, night=NIGHT).scene
        wrong = np.where(np.arange(len(truth)) < N_WRONG, 0, truth)
        said = {name: truth if name == "teacher" else wrong for name in CLASSIFIERS}
        kept[device] = Predictions.of(truth, said)
    return kept


@pytest.mark.bits
@pytest.mark.parametrize("device", [0, 1])
def test_what_is_rendered_is_what_was_classified_to_the_bit(
    scenario: Scenario, device: int
) -> None:
    numbers = [17, 3, 4]
    x = hear(scenario, device, Purpose.EVALUATION, night=NIGHT).x
    every = windows_of(scenario, device, Purpose.EVALUATION, night=NIGHT)
    for number, (window, signal) in zip(
        numbers, rendered(scenario, device, numbers, night=NIGHT), strict=True
    ):
        assert signal.shape == (160_000,)
        features = sequences(ams_vectors(scenario.bank, signal[None]))[0, 0].astype(np.float32)
        assert features.tobytes() == x[number].tobytes()
        assert window.clip.tolist() == [every.clip[number]]


def test_clips_tell_what_is_heard_and_what_classifiers_said(
    scenario: Scenario, predictions: Mapping[int, Predictions]
) -> None:
    clips = clips_of(scenario, predictions, night=NIGHT)
    n_wrong = sum(np.count_nonzero(one.truth[:N_WRONG]) for one in predictions.values())
    assert len(clips) == n_wrong > 9
    assert {clip.device for clip in clips} == set(range(N_USERS))
    for clip in clips:
        truth = predictions[clip.device].truth[clip.window]
        assert clip.scene == SCENE_NAMES[truth] != "noise"
        assert clip.said == dict.fromkeys(CLASSIFIERS, "noise") | {"teacher": clip.scene}
        assert clip.profile == scenario.users[clip.device].profile
        assert (clip.sound_type, clip.seconds) == ("audio/ogg", 10.0)
        what, _, level = clip.heard.partition("; played ")
        assert what.startswith(clip.scene.partition("_")[0])
        assert ("SNR" in what) == (clip.scene != "music")
        assert level.endswith(" dB")
    first = clips[0]
    ((_, signal),) = rendered(scenario, first.device, [first.window], night=NIGHT)
    sound, _ = soundfile.read(io.BytesIO(first.sound), dtype="float32")
    assert np.corrcoef(sound, signal)[0, 1] > 0.95
    assert Image.open(io.BytesIO(first.spectrogram)).size == (199, 64)
    assert Image.open(io.BytesIO(first.ams)).size == (80, 144)


def test_clips_depend_on_no_thread(
    scenario: Scenario, predictions: Mapping[int, Predictions]
) -> None:
    some = {device: predictions[device] for device in (2, 3)}
    one, two = (clips_of(scenario, some, night=NIGHT, n_threads=n) for n in (1, 2))
    assert [(clip.device, clip.window, clip.ams) for clip in one] == [
        (clip.device, clip.window, clip.ams) for clip in two
    ]


def test_clips_stay_within_their_size(
    scenario: Scenario, predictions: Mapping[int, Predictions]
) -> None:
    some = {0: predictions[0]}
    every = clips_of(scenario, some, night=NIGHT)
    sizes = [len(clip.sound) + len(clip.spectrogram) + len(clip.ams) for clip in every]
    limit = sum(sizes[:3]) + 2000  # how a sound is packed varies by a few bytes
    kept = clips_of(scenario, some, night=NIGHT, most_bytes=limit)
    assert [clip.window for clip in kept] == [clip.window for clip in every[:3]]


def test_nobody_listens_to_attackers(
    scenario: Scenario, predictions: Mapping[int, Predictions]
) -> None:
    attacked = replace(scenario, attack=Attack(name="flip", share=0.3))
    some = {device: predictions[device] for device in attacked.attackers}
    assert some
    assert clips_of(attacked, some, night=NIGHT) == []
