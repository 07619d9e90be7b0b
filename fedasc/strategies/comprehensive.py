"""The rival: the classifier that was trained on everything, without a word from any device."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.summary import Summary
from fedasc.audio import FloatArray
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server
from fedasc.strategies.artificial import labelled_together
from fedasc.strategies.drawing import drawing
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal, RoundResult
from fedasc.strategies.shares import ShareAware, counted, shares_in
from fedasc.workers import chunks

_N_SAMPLES = 1000
"""Of a user's mixture, to tell shares by; their errors are then 0.02 at most."""


@dataclass(frozen=True, kw_only=True)
class ComprehensiveStrategy(ShareAware):
    """Everyone gets the server's comprehensive classifier, which nothing is sent for.

    With shares it is moved by four biases to what a user meets most, without any training; it is
    what a strategy has to beat that knows more of her than how often she meets which scene.
    """

    serves_alone = True

    @property
    def accepts(self) -> tuple[type[Content], ...]:
        """Anything, unless it is asked for shares."""
        return (Mixture, SceneMixture, Features) if self.shares == "mixture" else (Content,)

    @property
    def default_aggregator(self) -> str:
        return "gmm" if self.shares == "mixture" else "nothing"

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        devices = sorted(summaries)
        if self.shares == "none":
            return RoundResult(dict.fromkeys(devices, Personal(server.comprehensive)))
        if self.shares == "told":
            shares = self._told(devices, context)
        else:
            shares = self._estimated(server, summaries, context)
        prior = shares_in(server.comprehensive_set.training.targets())
        made = [self.reckoning(server.comprehensive, each, prior=prior) for each in shares]
        return RoundResult(dict(zip(devices, map(Personal, made), strict=True)))

    def _told(self, devices: Sequence[int], context: RoundContext) -> list[FloatArray]:
        if context.truth is None:
            raise ValueError(f"nobody told strategy {self.name!r} what was heard")
        return [counted(context.truth(device)) for device in devices]

    def _estimated(
        self, server: Server, summaries: Mapping[int, Summary], context: RoundContext
    ) -> list[FloatArray]:
        """As the teacher takes samples of each device's mixture."""
        parts = chunks(sorted(summaries), context.workers)
        items = [{device: summaries[device].content for device in part} for part in parts]
        work = partial(_estimated, streams=context.streams, night=context.night)
        return [one for some in context.workers.map(work, server, items) for one in some]


def _estimated(
    server: Server, contents: Mapping[int, Content], *, streams: Streams, night: int
) -> list[FloatArray]:
    """The shares of a chunk of devices, whose samples are labelled in one pass."""
    samples = []
    for device, content in contents.items():
        rng = streams.generator(Purpose.SAMPLING, night, device)
        samples.append(drawing(content, server.deviations, rng=rng)(_N_SAMPLES))
    return [shares_in(some) for some in labelled_together(server.on_device().annotator, samples)]
