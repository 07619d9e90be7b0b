"""The front end's rivals compute the same features."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import front_end
from benchmarks.front_end import by_scipy, by_torchaudio, stages, swelling_noise
from benchmarks.sizes import QUICK
from benchmarks.timing import measure
from fedasc.audio.ams import ams_vectors
from fedasc.audio.bank import FilterBank
from fedasc.errors import RunError

BANK = FilterBank()


def test_scipy_agrees() -> None:
    clips = swelling_noise(2)
    assert np.abs(by_scipy(BANK, clips) - ams_vectors(BANK, clips)).max() < 0.01


def test_torchaudio_agrees() -> None:
    pytest.importorskip("torchaudio")
    clips = swelling_noise(2)
    assert np.abs(by_torchaudio(BANK, clips) - ams_vectors(BANK, clips)).max() < 0.01


def test_another_bank_does_other_work(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(BANK, carrier_edges_hz=(75.0, 250.0, 900.0, 4600.0))
    right = by_scipy
    monkeypatch.setattr(front_end, "by_scipy", lambda bank, clips: right(other, clips))
    (stage,) = stages(replace(QUICK, n_clips=2))
    ours_and_scipy = replace(stage, ways=stage.ways[:2])
    with pytest.raises(RunError, match="SciPy sosfilt and fedasc did other work"):
        measure(ours_and_scipy, n_rounds=1)


def test_a_library_that_is_missing_is_left_out_with_the_cure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(front_end, "find_spec", lambda name: None)
    (stage,) = stages(replace(QUICK, n_clips=1))
    assert [way.name for way in stage.ways] == ["fedasc", "SciPy sosfilt"]
    assert "pip install" in stage.left_out["torchaudio lfilter"]
