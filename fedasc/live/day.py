"""A day of a device by hand: sounds one after the other, and the summary of all. No torch."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from math import inf

from fedasc.aggregators.summary import Summary
from fedasc.audio import Signal, Stored
from fedasc.live.app import App
from fedasc.live.listening import Listener, Window
from fedasc.live.sounds import Blocks

_FEWEST_WINDOWS = 2
_SEED = 1


def windows_of(
    sounds: Iterable[Blocks],
    app: App,
    *,
    heard: Callable[[Signal | Stored], None] = lambda block: None,
) -> Iterator[Window]:
    """What a device makes of sounds, each of which it begins with filters at rest.

    Args:
        sounds: At 16 kHz. What doesn't fill a window at the end of one is left out.
        heard: Is told of every block.

    Raises:
        FedascError: If a sound can't be heard.
    """
    start_s = 0.0
    for blocks in sounds:
        listener = Listener(app.shipped.bank, app.shipped.classifier, start_s=start_s)
        for block in blocks:
            heard(block)
            yield from listener.push(block)
        start_s += listener.seconds


def summary_of(windows: Iterator[Window], app: App, *, seed: int | None = None) -> Summary | None:
    """The summary of all windows, each of which passes once; None of fewer than two.

    Args:
        seed: Of every draw. If None it is the same every time, unless what is drawn hides
            something: then nobody else may know it, and it comes from the operating system.
    """
    features = (window.x for window in windows)
    first = list(islice(features, _FEWEST_WINDOWS))
    if len(first) < _FEWEST_WINDOWS:
        return None
    if seed is None:
        seed = secrets.randbits(31) if _hides(app) else _SEED
    return app.summarise(chain(first, features), seed=seed)


def _hides(app: App) -> bool:
    epsilon = app.aggregator.epsilon
    return app.release.noise > 0 or (epsilon is not None and epsilon < inf)
