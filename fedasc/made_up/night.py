"""A night of a few devices, as a strategy is given it."""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.summary import Summary
from fedasc.made_up.days import sounds
from fedasc.made_up.server import small_server
from fedasc.models.samples import Samples
from fedasc.questions.evidence import evidence
from fedasc.questions.moments import ask
from fedasc.questions.questions import Answers, Questions
from fedasc.release.release import Release
from fedasc.seeds import Streams
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import RoundResult
from fedasc.strategies.strategy import Strategy
from fedasc.workers import ALONE, Workers

S = TypeVar("S")
I = TypeVar("I")  # noqa: E741
R = TypeVar("R")

STREAMS = Streams(7)
DEVICES = (5, 1, 7, 2, 4, 0)
"""In the order in which their summaries arrive; there are others, which are silent."""
N_DEVICES = 9


@dataclass(frozen=True, eq=False, kw_only=True)
class SmallNight:
    """What some devices heard and sent.

    Args:
        number: Of the night.
        heard: By device, with the true scenes.
        summaries: By device.
    """

    number: int
    heard: Mapping[int, Samples]
    summaries: Mapping[int, Summary]

    @classmethod
    def of(
        cls, aggregator: Aggregator, *, devices: Sequence[int] = DEVICES, number: int = 0
    ) -> "SmallNight":
        """A night on which devices heard a day each, of sixty to a hundred windows."""
        classifier, public = small_server().comprehensive, small_server().public
        heard, summaries = {}, {}
        for device in devices:
            day = sounds(60 + 5 * device, seed=100 + 10 * number + device)
            made = aggregator.summarise(
                iter(day.x), classifier=classifier, public=public, seed=device
            )
            heard[device] = day
            summaries[device] = Release().summary(made, len(day), aggregator=aggregator)
        return cls(number=number, heard=heard, summaries=summaries)

    def of_devices(self, devices: Sequence[int]) -> "SmallNight":
        """The same with no others, in this order."""
        heard = {device: self.heard[device] for device in devices}
        summaries = {device: self.summaries[device] for device in devices}
        return SmallNight(number=self.number, heard=heard, summaries=summaries)

    def served(
        self, strategy: Strategy, *, memory: Any = None, workers: Workers = ALONE
    ) -> RoundResult:
        """What a strategy makes of it."""
        server = small_server()
        context = RoundContext(
            streams=STREAMS,
            night=self.number,
            n_devices=N_DEVICES,
            workers=workers,
            truth=self.truth,
        )
        asked = strategy.questions(server, self.summaries, memory, context)
        answers = {device: self._said(device, what) for device, what in asked.items()}
        context = replace(context, answers=evidence(asked, answers))
        return strategy.serve(server, self.summaries, memory, context)

    def _said(self, device: int, questions: Questions) -> Answers:
        """What a user says who is always right; of other nights than this one, nothing."""
        day = self.heard[device]
        tonight = questions.night == self.number
        return ask(
            day.x,
            questions,
            lambda window: int(day.scene[window]) if tonight else None,
            rng=np.random.default_rng(device),
        )

    def truth(self, device: int) -> NDArray[np.int64]:
        """(n_windows,) true scenes of what a device heard."""
        return self.heard[device].scene


class Backwards:
    """Workers who begin with the last item, and to whom all of it travels."""

    n_workers = 3

    def map(self, work: Callable[[S, I], R], shared: S, items: Sequence[I]) -> Iterator[R]:
        sent = [pickle.dumps((work, shared, item)) for item in items]
        done: list[R] = []
        for one in reversed(sent):
            task, common, item = pickle.loads(one)
            done.append(task(common, item))
        yield from reversed(done)
