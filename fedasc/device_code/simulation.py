"""Simulated devices that run the C code in place of Python's front end and aggregator."""

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.audio import FULL_SCALE, Signal, Stored
from fedasc.audio.bank import FilterBank
from fedasc.corpus.clips import Clips
from fedasc.corpus.features import Pickup
from fedasc.corpus.windows import Windows, render
from fedasc.device_code.design import DeviceCode, Numbers
from fedasc.device_code.files import library_files
from fedasc.device_code.language import Language
from fedasc.device_code.library import DeviceLibrary
from fedasc.models.embedded import EmbeddedClassifier, initial
from fedasc.models.hearing import kept
from fedasc.models.samples import Samples
from fedasc.packs import Piece
from fedasc.release.release import Release

_NUMBERS: dict[Language, Numbers] = {"c": "single", "c-fixed": "fixed"}


def compile_for(
    language: Language, *, bank: FilterBank, aggregator: Aggregator, release: Release
) -> None:
    """Find out now whether the code can be made.

    Raises:
        SettingsError: If there is no C code of that aggregator, or no compiler.
    """
    if language != "python":
        _library(_NUMBERS[language], bank, aggregator, release)


@lru_cache(maxsize=8)
def text_of(language: Language, bank: FilterBank) -> str:
    """All that features depend on, for the cache."""
    code = _code(_NUMBERS[language], bank, StepwiseEmAggregator(), Release())
    return "\n".join(text for _, text in sorted(library_files(code).items()))


def heard_once(
    entry: Piece,
    draw: Callable[[], Windows],
    *,
    language: Language,
    bank: FilterBank,
    clips: Clips,
    pickup: Pickup,
) -> Samples:
    """Features and true scenes of windows, as `fedasc.models.hearing` has them, but of C code.

    Sound comes in 16 bits, as from a converter: what is beyond full scale is clipped.
    """

    def listen() -> Samples:
        windows = draw()
        sound = (
            stored(pickup.hear(signal, clip=int(windows.clip[number]), number=number))
            for number, signal in enumerate(render(clips, windows))
        )
        x = features_of(sound, language=language, bank=bank)
        return Samples(x, windows.scene)

    return kept(entry, listen)


def stored(signal: Signal) -> Stored:
    """(n_samples,) in 16 bits, to the nearest."""
    full = np.clip(np.rint(signal * np.float32(FULL_SCALE)), -FULL_SCALE, FULL_SCALE - 1)
    samples: Stored = full.astype(np.int16)
    return samples


def features_of(
    sounds: Iterable[Stored], *, language: Language, bank: FilterBank
) -> NDArray[np.float32]:
    """(n_windows, 45) of windows that have nothing to do with each other."""
    library = _library(_NUMBERS[language], bank, StepwiseEmAggregator(), Release())
    x = []
    for sound in sounds:
        device = library.start()
        device.push(sound)
        x.append(device.features)
    return np.stack(x)


def summarised(
    x: NDArray[np.float32],
    *,
    language: Language,
    bank: FilterBank,
    aggregator: Aggregator,
    release: Release,
    classifier: EmbeddedClassifier,
    seed: int,
) -> Summary:
    """What leaves a device of a day (n_windows, 45).

    Raises:
        SettingsError: If nothing may.
    """
    device = _library(_NUMBERS[language], bank, aggregator, release).start(seed=seed)
    device.update(classifier)
    for window in x:
        device.hear(window)
    return device.summary()


@lru_cache(maxsize=8)
def _library(
    numbers: Numbers, bank: FilterBank, aggregator: Aggregator, release: Release
) -> DeviceLibrary:
    return DeviceLibrary(_code(numbers, bank, aggregator, release))


def _code(
    numbers: Numbers, bank: FilterBank, aggregator: Aggregator, release: Release
) -> DeviceCode:
    shipped = initial(np.random.default_rng(0))  # a simulated device is told which it has
    return DeviceCode(
        bank=bank, aggregator=aggregator, release=release, classifier=shipped, numbers=numbers
    )
