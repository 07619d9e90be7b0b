from dataclasses import replace

import numpy as np
import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.audio.microphone import Microphone
from fedasc.device_code.design import Numbers
from fedasc.device_code.language import Language
from fedasc.device_code.simulation import compile_for, features_of, stored
from fedasc.errors import SettingsError
from fedasc.release.release import Release
from fedasc.seeds import Purpose
from fedasc.simulated import hear
from tests.device_code.codes import BANK, TOLERANCE_DB, expected, sounds
from tests.worlds import tiny_world


@pytest.mark.parametrize(("language", "numbers"), [("c", "single"), ("c-fixed", "fixed")])
def test_each_window_is_heard_by_itself(language: Language, numbers: Numbers) -> None:
    x = features_of(iter(sounds()), language=language, bank=BANK)
    np.testing.assert_allclose(x, expected(sounds()), rtol=0, atol=TOLERANCE_DB[numbers])


def test_sound_comes_in_16_bits_and_is_clipped() -> None:
    signal = np.array([0.0, 1.6, -0.6, 40_000, -40_000, 32767.4], np.float32) / 32768
    np.testing.assert_array_equal(stored(signal), [0, 2, -1, 32767, -32768, 32767])


def test_self_noise_and_overload_reach_the_c_code_too() -> None:
    scenario = tiny_world().scenario
    microphone = Microphone(self_noise_db_spl=60, clipping_db_spl=75)
    noisy = replace(scenario, users=(replace(scenario.users[0], microphone=microphone),))
    heard = hear(noisy, 0, Purpose.HEARD).x
    in_c = hear(replace(noisy, language="c"), 0, Purpose.HEARD).x
    clean = hear(scenario, 0, Purpose.HEARD).x
    assert np.abs(in_c - heard).mean() < 0.02 < 1 < np.abs(clean - heard).mean()


def test_what_has_no_c_code_is_refused_before_anything_is_done() -> None:
    with pytest.raises(SettingsError, match="take one of moments, stepwise-em"):
        compile_for("c", bank=BANK, aggregator=GmmAggregator(), release=Release())
    bank = replace(BANK, carrier_edges_hz=(75.0, 250.0, 900.0))
    with pytest.raises(SettingsError, match="hops of 65,535 samples"):
        compile_for("c", bank=bank, aggregator=StepwiseEmAggregator(), release=Release())
    noisy = Release(noise=0.1)
    with pytest.raises(SettingsError, match="adds no noise"):
        compile_for("c", bank=BANK, aggregator=StepwiseEmAggregator(), release=noisy)
    compile_for("python", bank=BANK, aggregator=GmmAggregator(), release=Release())
