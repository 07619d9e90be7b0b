"""Listening to a microphone, of which the library is made up here: machines that test have none."""

import signal
import sys
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from fedasc.errors import AudioError, SettingsError
from fedasc.live import microphone
from fedasc.live.microphone import of_microphone

Callback = Callable[[np.ndarray, int, Any, Any], None]
BLOCK = np.arange(1600, dtype=np.int16)[:, None]


class FailedError(Exception):
    """What PortAudio's errors are."""


class FakeStream:
    """Gives blocks as soon as it is opened.

    Args:
        n_blocks: How many it gives.
        overflows: Whether it tells that some were lost.
    """

    n_blocks = 30
    overflows = False
    is_open = False
    options: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, *, callback: Callback, **options: Any) -> None:
        self.callback = callback
        type(self).options = options

    def __enter__(self) -> None:
        type(self).is_open = True
        status = SimpleNamespace(input_overflow=self.overflows)
        for number in range(self.n_blocks):
            self.callback(BLOCK + number, len(BLOCK), None, status)

    def __exit__(self, *error: object) -> None:
        type(self).is_open = False


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> type[FakeStream]:
    class Stream(FakeStream):
        pass

    def check(*, samplerate: int, **options: Any) -> None:
        if options["device"] == "48 kHz only" and samplerate != 48_000:
            raise FailedError("Invalid sample rate")

    def query(device: object, kind: str) -> dict[str, float]:
        if device == "nothing":
            raise ValueError("No input device matching 'nothing'")
        return {"default_samplerate": 48_000.0}

    library = SimpleNamespace(
        PortAudioError=FailedError,
        InputStream=Stream,
        check_input_settings=check,
        query_devices=query,
    )
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    return Stream


def test_so_many_seconds_are_heard_and_no_more(stream: type[FakeStream]) -> None:
    heard = np.concatenate(list(of_microphone(seconds=1.25)))
    assert heard.dtype == np.int16
    assert len(heard) == 20_000
    assert heard[:1600].tolist() == BLOCK[:, 0].tolist()
    assert heard[1600:1603].tolist() == [1, 2, 3]
    assert stream.options["samplerate"] == 16_000
    assert not stream.is_open


def test_hardware_without_16_khz_is_resampled(stream: type[FakeStream]) -> None:
    heard = np.concatenate(list(of_microphone(device="48 kHz only", seconds=0.9)))
    assert stream.options["samplerate"] == 48_000
    assert len(heard) == 14_400
    assert heard.dtype == np.float32


def test_numbers_of_devices_are_numbers(stream: type[FakeStream]) -> None:
    list(of_microphone(device="3", seconds=0.1))
    assert stream.options["device"] == 3


def test_ctrl_c_ends_the_day_and_nothing_else(stream: type[FakeStream]) -> None:
    before, heard = signal.getsignal(signal.SIGINT), 0
    for block in of_microphone():
        heard += len(block)
        signal.raise_signal(signal.SIGINT)
    assert heard == 1600
    assert not stream.is_open
    assert signal.getsignal(signal.SIGINT) is before


def test_lost_sound_is_told(stream: type[FakeStream]) -> None:
    stream.overflows = True
    with pytest.raises(AudioError, match="faster than this machine"):
        list(of_microphone(seconds=1))


def test_a_microphone_that_falls_silent_for_good_is_told(
    stream: type[FakeStream], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphone, "_WAIT_S", 0.001)
    stream.n_blocks = 1
    with pytest.raises(AudioError, match="gives nothing any more"):
        list(of_microphone())


@pytest.mark.usefixtures("stream")
def test_a_name_that_nothing_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(**options: Any) -> None:
        raise ValueError("No input device matching 'nothing'")

    monkeypatch.setattr(sys.modules["sounddevice"], "check_input_settings", check)
    with pytest.raises(SettingsError, match=r"no microphone .*nothing.*--input-device"):
        list(of_microphone(device="nothing"))


def test_without_sounddevice_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(SettingsError, match=r"pip install 'fedasc\[live\]'"):
        list(of_microphone())
