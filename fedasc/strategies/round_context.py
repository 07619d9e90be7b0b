"""What strategies may use besides the server and the summaries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fedasc.progress import Progress, quiet
from fedasc.questions.evidence import Evidence
from fedasc.seeds import Streams
from fedasc.workers import ALONE, Workers

Truth = Callable[[int], NDArray[np.int64]]
"""(n_windows,) true scenes of what a device heard. Only a simulation knows them."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RoundContext:
    """What a strategy may use besides the server and the summaries.

    Args:
        streams: Every draw comes from one of them.
        night: Number of the night.
        n_devices: Devices that there are, whether they sent something tonight or not. So this
            number is that of none of them, and addresses streams that no device's draws come from.
        workers: Who does the work; changes no result.
        progress: Is told of every classifier.
        truth: For strategies that show how far one could get, and for no other.
        answers: What users said tonight whom the strategy asked, by device.
    """

    streams: Streams
    night: int = 0
    n_devices: int = 0
    workers: Workers = ALONE
    progress: Progress = quiet
    truth: Truth | None = None
    answers: Mapping[int, Evidence] = field(default_factory=dict)
