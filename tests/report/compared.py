"""A comparison whose numbers can be told by hand."""

from collections.abc import Sequence

import numpy as np

from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.comparison.grid import Entry, Grid
from fedasc.comparison.outcome import DeviceNight
from fedasc.comparison.run import Result
from fedasc.evaluation.scores import Confusion
from fedasc.models.self_training import SelfTraining
from fedasc.release.release import Release
from fedasc.settings import Settings
from fedasc.strategies.local import LocalStrategy
from fedasc.strategies.none import NoStrategy
from fedasc.strategies.personalised import PersonalisedStrategy

NONE = Entry(
    strategy_label="none",
    aggregator_label="nothing",
    strategy=NoStrategy(),
    aggregator=NothingAggregator(),
    release=Release(),
)
LOCAL = Entry(
    strategy_label="local",
    aggregator_label="nothing",
    strategy=LocalStrategy(training=SelfTraining(n_epochs=3)),
    aggregator=NothingAggregator(),
    release=Release(),
)
GMM = Entry(
    strategy_label="personalised",
    aggregator_label="gmm n_components=8",
    strategy=PersonalisedStrategy(),
    aggregator=GmmAggregator(n_components=8),
    release=Release(),
)
FEATURES = Entry(
    strategy_label="personalised",
    aggregator_label="a_&_b",
    strategy=PersonalisedStrategy(),
    aggregator=FeaturesAggregator(),
    release=Release(),
)
GAINS = {
    NONE.label: ((0, 0), (0, 0), (0, 0)),
    LOCAL.label: ((1, 1), (-1, 0), (0, -1)),
    GMM.label: ((4, 6), (5, 9), (6, -6)),
    FEATURES.label: ((5, 5), (6, 8), (7, 5)),
}
"""Of 100 windows, by entry, repetition and device: those that are right beyond the baseline's."""

LEVELS = (70, 72, 74)
"""Windows that the baseline has right in each repetition."""


def grid_of(n_repetitions: int) -> Grid:
    return Grid(
        settings=Settings(),
        n_repetitions=n_repetitions,
        entries=(NONE, LOCAL, GMM, FEATURES),
        baseline=NONE,
    )


def confusion(n_right: int) -> Confusion:
    counts = np.zeros((4, 4), np.int64)
    counts[0, :2] = n_right, 100 - n_right
    return Confusion(counts)


def some_results(*, n_repetitions: int = 3, n_nights: int = 1) -> Sequence[Result]:
    """On all nights before the last one, everything is ten windows worse."""
    return [
        Result(
            repetition=number,
            seed=number + 1,
            entry=entry,
            devices=[
                _device(entry, number, device, night, 10 * (night < n_nights - 1))
                for night in range(n_nights)
                for device in range(2)
            ],
        )
        for number in range(n_repetitions)
        for entry in grid_of(n_repetitions).entries
    ]


def _device(entry: Entry, number: int, device: int, night: int, less: int) -> DeviceNight:
    level = LEVELS[number] - less
    personal = level + GAINS[entry.label][number][device]
    sends = entry in (GMM, FEATURES)
    return DeviceNight(
        night=night,
        device=device,
        profile="U1",
        took_part="in time",
        n_windows=1000,
        bytes_up=(1000 + 200 * device) * sends,
        bytes_down=2536 * sends,
        scores={
            "baseline": confusion(level),
            "personal": confusion(personal),
            "comprehensive": confusion(level + 3),
            "teacher": confusion(level + 15),
        },
    )
