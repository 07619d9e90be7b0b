"""A window that one can listen to."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A window of a device, and what classifiers took it for.

    Args:
        device: Its number.
        profile: Of its user.
        window: Its number among the device's evaluation windows of the last night.
        scene: The true one, by name.
        said: By classifier (`fedasc.evaluation.scores.CLASSIFIERS`), the scene that it said.
        heard: What is in it, such as "speech (read), noise (rain), 4 dB".
        sound: A file, Ogg Opus or WAV.
        sound_type: Its media type, such as audio/ogg.
        spectrogram, ams: Pictures as PNG files: of the sound, and of its AMS features.
        seconds: How long it is.
    """

    device: int
    profile: str
    window: int
    scene: str
    said: Mapping[str, str]
    heard: str
    sound: bytes
    sound_type: str
    spectrogram: bytes
    ams: bytes
    seconds: float
