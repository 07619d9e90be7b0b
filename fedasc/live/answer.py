"""What a server answers to the summary of a single device."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fedasc.admission import Admission, admission_of
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.live.prepared import Prepared
from fedasc.live.summary_file import read_summary
from fedasc.progress import Progress, quiet
from fedasc.seeds import Streams
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal

MOST_WINDOWS = 8_640
"""Windows of 10 s in a day of 24 hours."""

_DEVICE = 0


def admission(prepared: Prepared) -> Admission:
    """What a device may send to a server."""
    settings = prepared.settings
    return admission_of(
        prepared.server, settings.aggregator, settings.release, n_heard=MOST_WINDOWS
    )


def personalise(prepared: Prepared, path: Path, *, progress: Progress = quiet) -> Personal:
    """The classifier of a device that sent the summary in a file.

    Args:
        path: Written by `fedasc.live.summary_file`.

    Raises:
        FedascError: If the summary isn't what the server asks for, or can't be answered.
    """
    summary = read_summary(path, admission=admission(prepared), server=prepared.digest)
    return answer(prepared, summary, progress=progress)


def answer(prepared: Prepared, summary: Summary, *, progress: Progress = quiet) -> Personal:
    """What the server's strategy makes of a summary, as on a first night.

    Raises:
        SettingsError: If it makes nothing, wants the truth, or makes what isn't finite.
    """
    strategy = prepared.settings.strategy
    context = RoundContext(
        streams=Streams(prepared.settings.seed),
        n_devices=1,
        progress=progress,
        truth=_nobody_knows(strategy.name),
    )
    result = strategy.serve(prepared.server, {_DEVICE: summary}, None, context)
    made = result.personal.get(_DEVICE)
    if made is None:
        raise SettingsError(
            f"strategy {strategy.name!r} answers a device with nothing; prepare a server with "
            "another"
        )
    if not made.classifier.is_finite:
        raise SettingsError(
            f"strategy {strategy.name!r} made a classifier that isn't finite of this summary"
        )
    return made


def _nobody_knows(strategy: str) -> Callable[[int], NDArray[np.int64]]:
    def truth(device: int) -> NDArray[np.int64]:
        raise SettingsError(
            f"strategy {strategy!r} is told what was really heard, as a ceiling in a simulation; "
            "prepare a server with another"
        )

    return truth
