"""Windows to listen to, rendered again from the recordings exactly as devices heard them."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from fedasc.audio import Signal
from fedasc.corpus.library import Library
from fedasc.corpus.windows import Windows, render
from fedasc.evaluation.predictions import Predictions
from fedasc.report.sounds.choice import Chosen, choose
from fedasc.report.sounds.clip import Clip
from fedasc.report.sounds.encoding import RATE_HZ, encoded, listenable
from fedasc.report.sounds.pictures import ams_picture, spectrogram
from fedasc.scenario import Scenario
from fedasc.scenes import SCENE_NAMES
from fedasc.seeds import Purpose
from fedasc.simulated import hear, pickup_of, windows_of

_MOST_BYTES = 8_000_000
"""Of all clips of a run."""


def clips_of(
    scenario: Scenario,
    predictions: Mapping[int, Predictions],
    *,
    night: int,
    n_threads: int = 1,
    most_bytes: int = _MOST_BYTES,
) -> list[Clip]:
    """Windows to listen to, see `fedasc.report.sounds.choice`.

    Args:
        predictions: What windows of a night were taken for, by device.
        night: Its number.
        n_threads: That encode; changes no sound.
        most_bytes: Of sounds and pictures together; what comes last is left out.
    """
    honest = (device for device in predictions if device not in scenario.attackers)
    chosen = choose(
        (device, scenario.user(device, night).profile, predictions[device]) for device in honest
    )
    by_device: dict[int, list[Chosen]] = {}
    for one in chosen:
        by_device.setdefault(one.device, []).append(one)
    said = {device: predictions[device] for device in sorted(by_device)}
    for some in by_device.values():
        some.sort()
    make = partial(_clips, scenario, night)
    with ThreadPoolExecutor(n_threads) as pool:
        made = pool.map(make, said.values(), (by_device[device] for device in said))
        clips = {Chosen(clip.device, clip.window): clip for some in made for clip in some}
    return _within([clips[one] for one in chosen], most_bytes)


def rendered(
    scenario: Scenario, device: int, numbers: Sequence[int], *, night: int
) -> list[tuple[Windows, Signal]]:
    """Evaluation windows of a device as it heard them, with what they are.

    Args:
        numbers: Of the windows among those of the night.

    Returns:
        Of each a value with one window, and (160000,) what got into the front end.
    """
    every = windows_of(scenario, device, Purpose.EVALUATION, night=night)
    pickup = pickup_of(scenario, device, Purpose.EVALUATION, night=night)
    some = every[np.array(numbers, np.int64)]
    scenario.clips.bring({*some.clip.tolist(), *some.noise.tolist()} - {-1})
    return [
        (
            some[place : place + 1],
            pickup.hear(signal, clip=int(some.clip[place]), number=number),
        )
        for place, (number, signal) in enumerate(
            zip(numbers, render(scenario.clips, some), strict=True)
        )
    ]


def _clips(
    scenario: Scenario, night: int, predictions: Predictions, chosen: Sequence[Chosen]
) -> list[Clip]:
    """Those of a device."""
    device, numbers = chosen[0].device, [one.window for one in chosen]
    heard = hear(scenario, device, Purpose.EVALUATION, night=night)
    profile = scenario.user(device, night).profile
    clips = []
    for number, (window, signal) in zip(
        numbers, rendered(scenario, device, numbers, night=night), strict=True
    ):
        loud, raised_db = listenable(signal)
        sound, sound_type = encoded(loud)
        clips.append(
            Clip(
                device=device,
                profile=profile,
                window=number,
                scene=SCENE_NAMES[predictions.truth[number]],
                said={name: SCENE_NAMES[one[number]] for name, one in predictions.said.items()},
                heard=f"{_in_words(window, scenario.library)}; played {raised_db:+.0f} dB",
                sound=sound,
                sound_type=sound_type,
                spectrogram=spectrogram(signal),
                ams=ams_picture(heard.x[number]),
                seconds=len(signal) / RATE_HZ,
            )
        )
    return clips


def _in_words(window: Windows, library: Library) -> str:
    """What is in a window."""
    parts = [
        f"{library.labels[clip]} ({library.types[clip]})"
        for clip in (*window.clip.tolist(), *window.noise.tolist())
        if clip >= 0
    ]
    snr_db = float(window.snr_db[0])
    return ", ".join([*parts, *([f"SNR {snr_db:+.0f} dB"] if snr_db == snr_db else [])])


def _within(clips: Sequence[Clip], most_bytes: int) -> list[Clip]:
    kept, n_bytes = [], 0
    for clip in clips:
        n_bytes += len(clip.sound) + len(clip.spectrogram) + len(clip.ams)
        if n_bytes > most_bytes:
            break
        kept.append(clip)
    return kept
