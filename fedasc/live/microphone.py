"""The microphone of this machine, through PortAudio (extra `live`). Never imports torch."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

import numpy as np

from fedasc.audio import Stored
from fedasc.errors import AudioError, SettingsError
from fedasc.live.sounds import Blocks, resampled

_RATE_HZ = 16_000
_BLOCK_S = 0.1
_WAIT_S = 0.5
_MOST_WAITS = 20


def of_microphone(*, device: str | None = None, seconds: float | None = None) -> Blocks:
    """What the microphone hears until Ctrl-C, or for so many seconds.

    Where the hardware has no 16 kHz, its own rate is resampled.

    Args:
        device: Number or part of the name of an input, as sounddevice takes it; the usual one if
            None.

    Raises:
        SettingsError: If sounddevice or PortAudio isn't there, or there is no such microphone.
        AudioError: If it stops, or this machine is too slow to hear everything.
    """
    sounddevice = _imported()
    chosen = int(device) if device is not None and device.isdigit() else device
    try:
        rate_hz = _rate(sounddevice, chosen)
        n_most = None if seconds is None else round(seconds * rate_hz)
        blocks = _blocks(sounddevice, chosen, rate_hz, n_most)
        yield from resampled(blocks, rate_hz)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise SettingsError(
            f"no microphone to listen with ({error}); python -m sounddevice lists those that "
            "there are, for --input-device"
        ) from error


def _imported() -> Any:
    try:
        import sounddevice
    except ImportError as error:
        raise SettingsError(
            f"a microphone needs sounddevice ({error}); pip install 'fedasc[live]'"
        ) from error
    except OSError as error:  # on Linux its wheel doesn't bring PortAudio along
        raise SettingsError(
            f"a microphone needs PortAudio ({error}); on Debian, apt install libportaudio2"
        ) from error
    return sounddevice


def _rate(sounddevice: Any, device: int | str | None) -> int:
    """16 kHz, or what the hardware has."""
    try:
        sounddevice.check_input_settings(
            device=device, channels=1, dtype="int16", samplerate=_RATE_HZ
        )
    except sounddevice.PortAudioError:
        return int(sounddevice.query_devices(device, "input")["default_samplerate"])
    return _RATE_HZ


def _blocks(
    sounddevice: Any, device: int | str | None, rate_hz: int, n_most: int | None
) -> Iterator[Stored]:
    waiting: SimpleQueue[Stored] = SimpleQueue()
    lost = threading.Event()

    def take(block: Stored, n: int, time: Any, status: Any) -> None:
        if status.input_overflow:
            lost.set()
        waiting.put(block[:, 0].copy())

    opened = sounddevice.InputStream(
        samplerate=rate_hz,
        blocksize=round(_BLOCK_S * rate_hz),
        device=device,
        channels=1,
        dtype="int16",
        callback=take,
    )
    n_left, n_waits = n_most, 0
    with stopped_by_hand() as stopped, opened:
        while not stopped.is_set() and n_left != 0:
            if lost.is_set():
                raise AudioError(
                    "the microphone went faster than this machine listens; end what else runs on it"
                )
            try:
                block = waiting.get(timeout=_WAIT_S)
            except Empty:
                n_waits += 1
                if n_waits == _MOST_WAITS:
                    raise AudioError("the microphone gives nothing any more") from None
                continue
            n_waits = 0
            some = np.asarray(block[:n_left])
            n_left = None if n_left is None else n_left - len(some)
            yield some


@contextmanager
def stopped_by_hand() -> Iterator[threading.Event]:
    """Where Ctrl-C sets an event, and ends nothing: the day that was heard so far counts."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)
