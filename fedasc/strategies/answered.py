"""Answered: the user is asked about moments of which the teacher is in doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.questions.choice import Choice, Probed, by_lot, shared_out
from fedasc.questions.evidence import joined
from fedasc.questions.questions import MOST, Questions
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server
from fedasc.strategies.artificial import Artificial, Correction, labelled_together
from fedasc.strategies.drawing import mixture_of
from fedasc.strategies.memory import Memory
from fedasc.strategies.retraining import Retraining
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal, RoundResult
from fedasc.strategies.task import Task
from fedasc.workers import chunks

_N_PROBED = 40
"""Samples of a component, on average, by which the teacher's doubt is judged."""


@dataclass(frozen=True)
class _Both:
    """One correction after the other."""

    first: Correction
    second: Correction

    def __call__(self, x: NDArray[np.float32], posteriors: FloatArray) -> FloatArray:
        return self.second(x, self.first(x, posteriors))


Asked = Literal["tonight", "next day"]


@dataclass(frozen=True, kw_only=True)
class AnsweredStrategy(Retraining):
    """As personalised, but users are asked about some moments, and what they say corrects labels.

    Args:
        n_questions: Moments that a user is asked about, a night.
        choice: Of what: doubt, where weight times the teacher's doubt is largest (uncertainty
            sampling, Lewis and Gale 1994); change, where weight times the expected length of the
            gradient that the answer gives the comprehensive classifier is (Settles, Craven and Ray
            2008); or random, of what was heard.
        strength: How many answers the teacher's mean posterior in a component counts as; see
            `fedasc.questions.evidence.Told`.
        margin: Gain in accuracy over the comprehensive classifier that must be expected; where it
            isn't, the user gets that one: the gate against harm. It is reckoned by corrected
            labels, over artificial samples that weren't trained on; with -1 there is no gate.
        asked: When: tonight, of the day that has just ended, before the server answers; or the
            next day, about the day before, so that answers are there on the next night.

    Raises:
        SettingsError: If a value can't be used.
    """

    accepts = (Mixture,)
    default_aggregator = "answered"
    n_questions: int = 10
    choice: Choice = "doubt"
    strength: float = 0.5
    margin: float = 0.06
    asked: Asked = "tonight"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.n_questions <= MOST:
            raise SettingsError(
                f"{self.name}: n_questions must lie between 0 and {MOST}, got {self.n_questions}"
            )
        if not 0 < self.strength < inf:
            raise SettingsError(f"{self.name}: strength must be positive, got {self.strength}")
        if not -1 <= self.margin < 1:
            raise SettingsError(f"{self.name}: margin must be in [-1, 1), got {self.margin}")
        if self.labels != "teacher":
            raise SettingsError(
                f"{self.name}: labels must be the teacher's, which answers correct, got "
                f"{self.labels!r}"
            )

    @property
    def remembers(self) -> bool:
        return super().remembers or self.asked == "next day"

    def questions(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> Mapping[int, Questions]:
        if not self.n_questions:
            return {}
        days = {device: (context.night, summary) for device, summary in summaries.items()}
        if self.asked == "next day":
            told = (memory or Memory()).days
            days = {device: told[device] for device in summaries if device in told}
            days = {device: day for device, day in days.items() if day[0] == context.night - 1}
        items = [[(n, *days[n]) for n in part] for part in chunks(sorted(days), context.workers)]
        work = partial(self._choose, streams=context.streams)
        asked: dict[int, Questions] = {}
        for some in context.workers.map(work, server, items):
            asked |= some
            context.progress("choosing questions", len(asked), len(days))
        return asked

    def known(self, memory: Any, summaries: Mapping[int, Summary], context: RoundContext) -> Memory:
        known = super().known(memory, summaries, context)
        return known.answered(context.answers, retention=self.memory)

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        result = super().serve(server, summaries, memory, context)
        if self.asked == "tonight":
            return result
        days = {device: (context.night, summary) for device, summary in summaries.items()}
        return replace(result, memory=replace(result.memory, days=days))

    def correction(self, server: Server, task: Task) -> Correction | None:
        """What users said, and then what labels corrected by it say of one another."""
        told, bound = joined(task.evidence, self.strength), super().correction(server, task)
        if told is None or bound is None:
            return told.corrected if told else bound
        return _Both(told.corrected, bound)

    def validates(self, server: Server) -> bool:
        """What is kept back tells what is to be gained."""
        return True

    def personal(
        self, server: Server, classifier: EmbeddedClassifier, artificial: Artificial
    ) -> Personal:
        """The classifier, or the comprehensive one where too little is to be gained.

        The teacher's labels alone always prefer what they taught; what the user said corrects them.
        """
        made = super().personal(server, classifier, artificial)
        samples = self.divided(artificial, server).validation
        if not len(samples):
            return made
        rows, beliefs = np.arange(len(samples)), samples.targets()
        right = [
            beliefs[rows, each.predict(samples.x)].mean(dtype=np.float64)
            for each in (classifier, server.comprehensive)
        ]
        gain = float(right[0] - right[1])
        if self.margin > -1 and gain < self.margin:
            return replace(made, classifier=server.comprehensive, expected_gain=gain, pays=False)
        return replace(made, expected_gain=gain)

    def _choose(
        self, server: Server, days: Sequence[tuple[int, int, Summary]], *, streams: Streams
    ) -> dict[int, Questions]:
        """What to ask users, each about a day: her device, the night after it, and its summary."""
        server = server.on_device()
        rngs = [streams.generator(Purpose.QUESTIONS, night, device) for device, night, _ in days]
        mixtures = [mixture_of(summary.content) for _, _, summary in days]
        drawn = [
            self.draws(server, mixture, rng=rng)(_N_PROBED * mixture.n_components)
            for mixture, rng in zip(mixtures, rngs, strict=True)
        ]
        posteriors = labelled_together(server.annotator, drawn)
        asked = {}
        for (device, night, summary), mixture, x, of_x, rng in zip(
            days, mixtures, drawn, posteriors, rngs, strict=True
        ):
            most = np.floor(mixture.weights * summary.n_windows).astype(np.int64)
            counts = self._counts(server, Probed(mixture, x, of_x), most=most, rng=rng)
            if counts.any():
                asked[device] = Questions(night=night, mixture=mixture, counts=counts)
        return asked

    def _counts(
        self, server: Server, probed: Probed, *, most: NDArray[np.int64], rng: np.random.Generator
    ) -> NDArray[np.uint8]:
        """(n_components,) questions about each, of which there are so many moments at most."""
        if self.choice == "random":
            return by_lot(self.n_questions, most=most, rng=rng)
        worth = probed.doubt() if self.choice == "doubt" else probed.change(server.comprehensive)
        return shared_out(worth, self.n_questions, most=most)
