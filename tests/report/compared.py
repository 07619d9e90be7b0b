"""A comparison whose numbers can be told by hand."""

from collections.abc import Sequence
from dataclasses import replace

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.experiments.cell import Variant
from fedasc.experiments.design import Result
from fedasc.experiments.grid import Grid
from fedasc.experiments.record import DeviceRecord
from fedasc.models.self_training import SelfTraining
from fedasc.settings import Settings
from fedasc.strategies.local import LocalStrategy
from fedasc.strategies.none import NoStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.strategy import Strategy
from tests.report.records import a_record

_WORLD = Settings(probes=())


def _variant(
    strategy: str, aggregator: str, strategy_plugin: Strategy, aggregator_plugin: Aggregator
) -> Variant:
    settings = replace(_WORLD, strategy=strategy_plugin, aggregator=aggregator_plugin)
    return Variant(label=(strategy, aggregator), settings=settings)


NONE = _variant("none", "nothing", NoStrategy(), NothingAggregator())
LOCAL = _variant(
    "local", "nothing", LocalStrategy(training=SelfTraining(n_epochs=3)), NothingAggregator()
)
GMM = _variant(
    "personalised", "gmm n_components=8", PersonalisedStrategy(), GmmAggregator(n_components=8)
)
FEATURES = _variant("personalised", "a_&_b", PersonalisedStrategy(), FeaturesAggregator())
GAINS = {
    NONE.label: ((0, 0), (0, 0), (0, 0)),
    LOCAL.label: ((1, 1), (-1, 0), (0, -1)),
    GMM.label: ((4, 6), (5, 9), (6, -6)),
    FEATURES.label: ((5, 5), (6, 8), (7, 5)),
}
"""Of 100 windows, by variant, repetition and device: those that are right beyond the baseline's."""

LEVELS = (70, 72, 74)
"""Windows that the baseline has right in each repetition."""


def grid_of(n_repetitions: int) -> Grid:
    return Grid(variants=(NONE, LOCAL, GMM, FEATURES), n_repetitions=n_repetitions, baseline=NONE)


def some_results(*, n_repetitions: int = 3, n_nights: int = 1) -> Sequence[Result]:
    """On all nights before the last one, everything is ten windows worse."""
    return [
        Result(
            repetition=number,
            seed=number + 1,
            variant=variant,
            records=[
                _record(variant, number, device, night, 10 * (night < n_nights - 1))
                for night in range(n_nights)
                for device in range(2)
            ],
        )
        for number in range(n_repetitions)
        for variant in grid_of(n_repetitions).variants
    ]


def _record(variant: Variant, number: int, device: int, night: int, less: int) -> DeviceRecord:
    level = LEVELS[number] - less
    sends = variant in (GMM, FEATURES)
    return a_record(
        before=level / 100,
        after=(level + GAINS[variant.label][number][device]) / 100,
        comprehensive=(level + 3) / 100,
        teacher=(level + 15) / 100,
        n_windows=1000,
        bytes_up=(1000 + 200 * device) * sends,
        bytes_down=2536 * sends,
        night=night,
        device=device,
    )
