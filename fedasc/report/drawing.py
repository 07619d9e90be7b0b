"""The figures of a run, the longest of which is drawn elsewhere while all else is written."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from fedasc.report import figures
from fedasc.report.confusions import confusions_figure
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
        workers: If they are several, one of them begins with what takes longest. For more of them
            it would take longer to import Matplotlib than to draw.

    Yields:
        What draws the others and waits: the files of all figures, in all formats.
    """
    longest, *others = pictured.figures
    if workers.n_workers == 1:
        yield lambda: _files(pictured, (longest, *others))
        return

    def elsewhere() -> Files:
        (files,) = workers.map(_files, pictured, [(longest,)])
        return files

    with ThreadPoolExecutor(1, thread_name_prefix="drawing") as thread:
        begun = thread.submit(elsewhere)
        yield lambda: {**_files(pictured, others), **begun.result()}


def _files(pictured: Pictured, names: Iterable[str]) -> Files:
    files = {
        name: figures.contents(pictured.figures[name](), dpi=_DPI.get(name, _OF_MOST))
        for name in names
    }
    return {f"{name}{kind}": part for name, some in files.items() for kind, part in some.items()}
