"""Windows that were taken for something else, as a page has them."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from fedasc.report.sounds.clip import Clip

MOST_BYTES = 13_000_000
"""Of sounds and pictures in a page, so that all of it stays below 15 MB."""


def shown(clips: Sequence[Clip]) -> Sequence[Clip]:
    """The first ones, as many as there is room for."""
    size = 0
    for number, clip in enumerate(clips):
        size += 4 * (len(clip.sound) + len(clip.spectrogram) + len(clip.ams)) // 3
        if size > MOST_BYTES:
            return clips[:number]
    return clips


def shelf(clip: Clip, *, whole: bool = False) -> dict[str, Any]:
    """What is told of a clip, or what is heard and seen of it.

    Args:
        whole: The latter, as data URLs; a page reads them when they are wanted.
    """
    if whole:
        return {
            "sound": _url(clip.sound_type, clip.sound),
            "spectrogram": _url("image/png", clip.spectrogram),
            "ams": _url("image/png", clip.ams),
        }
    return {
        "device": clip.device,
        "profile": clip.profile,
        "window": clip.window,
        "scene": clip.scene,
        "said": dict(clip.said),
        "heard": clip.heard,
        "seconds": clip.seconds,
    }


def _url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{b64encode(content).decode()}"
