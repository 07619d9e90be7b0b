"""The figures of a run, drawn side by side while all else of it is written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from matplotlib.figure import Figure

from fedasc.corpus.library import Library
from fedasc.evaluation.calibration import Reliability
from fedasc.evaluation.scores import Confusion
from fedasc.experiments.record import Brief
from fedasc.population.users import User
from fedasc.report.confusions import confusions_figure
from fedasc.report.figures import contents
from fedasc.report.nights import nights_figure
from fedasc.report.overview import Overview
from fedasc.report.plots import before_after_figure, gains_figure
from fedasc.report.reliability import reliability_figure
from fedasc.report.user_picture import users_figure
from fedasc.scenario import Scenario
from fedasc.seeds import Streams
from fedasc.workers import Workers

_DPI = {"confusions": 200, "reliability": 300}
"""Of PNG files, unless it is that of most."""
_OF_MOST = 150

Files = Mapping[str, bytes]
"""Contents by name."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Pictured:
    """What figures of a run show; picklable.

    Args:
        users, library, streams: Who the users were, and what they heard.
        last: Devices on the last night.
        nights: A row per night and profile.
        n_nights: How many there were.
        confusions, reliability: See `fedasc.report.overview.Overview`.
    """

    users: Sequence[User]
    library: Library
    streams: Streams
    last: Sequence[Brief]
    nights: Sequence[Mapping[str, Any]]
    n_nights: int
    confusions: Mapping[str, Confusion]
    reliability: Mapping[str, Reliability]

    @classmethod
    def of(cls, scenario: Scenario, overview: Overview) -> "Pictured":
        """What there is to see of a run."""
        return cls(
            users=scenario.users,
            library=scenario.library,
            streams=scenario.streams,
            last=overview.last,
            nights=overview.nights,
            n_nights=overview.n_nights,
            confusions=overview.confusions,
            reliability=overview.reliability,
        )

    @property
    def figures(self) -> Mapping[str, Callable[[], Figure]]:
        """By name; what takes longest comes first."""
        several = {"nights": partial(nights_figure, self.nights)} if self.n_nights > 1 else {}
        return {
            "users": partial(users_figure, self.users, self.library, self.streams),
            "before_after": partial(before_after_figure, self.last),
            "confusions": partial(confusions_figure, self.confusions),
            "reliability": partial(reliability_figure, self.reliability),
            "gains": partial(gains_figure, self.last),
            **several,
        }


@contextmanager
def drawn(pictured: Pictured, workers: Workers) -> Iterator[Callable[[], Files]]:
    """Have the figures drawn.

    Args:
        workers: Who draws; if they are several they have begun in the block.

    Yields:
        What waits for the files of all figures, in all formats.
    """

    def draw() -> Files:
        names = tuple(pictured.figures)
        files = zip(names, workers.map(_drawn, pictured, names), strict=True)
        return {f"{name}{kind}": part for name, some in files for kind, part in some.items()}

    if workers.n_workers == 1:
        yield draw
        return
    with ThreadPoolExecutor(1, thread_name_prefix="drawing") as thread:
        yield thread.submit(draw).result


def _drawn(pictured: Pictured, name: str) -> Files:
    return contents(pictured.figures[name](), dpi=_DPI.get(name, _OF_MOST))
