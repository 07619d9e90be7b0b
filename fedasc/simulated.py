"""The devices of a simulation: what each hears and when, and how classifiers do there.

Never imports torch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.public import Public
from fedasc.aggregators.summary import Summary
from fedasc.attacks.forgery import Forger
from fedasc.config import fingerprint
from fedasc.corpus.features import Pickup
from fedasc.corpus.library import Excerpt
from fedasc.corpus.parts import USER_PARTS
from fedasc.corpus.windows import Windows, draw_windows
from fedasc.device import Device
from fedasc.device_code import simulation
from fedasc.evaluation.scores import Confusion, confusion
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.hearing import heard_once
from fedasc.models.samples import Samples
from fedasc.models.self_training import SelfTraining
from fedasc.packs import Piece
from fedasc.population.users import User
from fedasc.questions.moments import ask
from fedasc.questions.questions import Answers, Questions
from fedasc.release.release import Release
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.shelves import FEATURES

_PER_PACK = 500
"""Devices whose features stand in one file of the cache."""


@dataclass(frozen=True, kw_only=True)
class SimulatedDevices:
    """The devices of all users (see `fedasc.device.Devices`). Picklable.

    Args:
        scenario: Who the users are, what they hear, and who takes part in a night.
        aggregator: How every device summarises.
        release: What of a summary may leave a device.
        public: What the server has published, which every device has from the beginning.
        training: What devices do with their classifiers once the server has answered.
    """

    scenario: Scenario
    aggregator: Aggregator
    release: Release
    public: Public
    training: SelfTraining | None = None

    def summarise(
        self, index: int, classifier: EmbeddedClassifier, *, night: int = 0
    ) -> Summary | None:
        """What a device sends, in time or too late; None if it misses the night.

        Who attacks sends a forgery in place of what was made and released.
        """
        if not self.scenario.attendance(night, [index]).sending:
            return None
        heard = hear(self.scenario, index, Purpose.HEARD, night=night)
        seed = self.scenario.streams.integer(Purpose.SUMMARY, night, index)
        if self.scenario.language == "python":
            summary = self._device(classifier).summarise(iter(heard.x), seed=seed)
        else:
            summary = simulation.summarised(
                heard.x,
                language=self.scenario.language,
                bank=self.scenario.bank,
                aggregator=self.aggregator,
                release=self.release,
                classifier=classifier,
                seed=seed,
            )
        if index not in self.scenario.attackers:
            return summary
        return self._forger(index, classifier, night).forged(
            summary, n_most=self.scenario.listening.n_heard
        )

    def ask(self, index: int, questions: Questions) -> Answers | None:
        """What a device's user says of moments of the day before a night.

        None if her device sent nothing of that day.
        """
        night = questions.night
        if not self.scenario.attendance(night, [index]).sending:
            return None
        heard = hear(self.scenario, index, Purpose.HEARD, night=night)
        streams = self.scenario.streams
        user = self.scenario.answers.user(index, night, streams=streams)
        return ask(
            heard.x,
            questions,
            lambda window: user.says(int(heard.scene[window])),
            rng=streams.generator(Purpose.ANSWERS, index, night, 0),
        )

    def settled(
        self, index: int, classifier: EmbeddedClassifier, *, night: int = 0
    ) -> EmbeddedClassifier:
        """The classifier that a device goes on with, trained there if it was in time."""
        if self.training is None or not self.scenario.attendance(night, [index]).on_time:
            return classifier
        heard = hear(self.scenario, index, Purpose.HEARD, night=night)
        seed = self.scenario.streams.sequence(Purpose.DEVICE_TRAINING, night, index)
        return self._device(classifier).trained(heard.x, seed=seed).classifier

    def judge(
        self, index: int, classifiers: Mapping[str, EmbeddedClassifier], *, night: int = 0
    ) -> dict[str, Confusion] | None:
        """Try classifiers on a device's labelled evaluation windows, which no real one has."""
        if not self.scenario.attendance(night, [index]).members:
            return None
        windows = hear(self.scenario, index, Purpose.EVALUATION, night=night)
        return {
            name: confusion(windows.scene, classifier.predict(windows.x))
            for name, classifier in classifiers.items()
        }

    def _forger(self, index: int, classifier: EmbeddedClassifier, night: int) -> Forger:
        streams = self.scenario.streams
        return Forger(
            name=self.scenario.attack.name,
            has=classifier,
            own=streams.generator(Purpose.ATTACK, night, index),
            shared=streams.generator(Purpose.ATTACK, night),
        )

    def _device(self, classifier: EmbeddedClassifier) -> Device:
        return Device(
            aggregator=self.aggregator,
            release=self.release,
            classifier=classifier,
            public=self.public,
            training=self.training,
        )


def hear(scenario: Scenario, index: int, purpose: Purpose, *, night: int = 0) -> Samples:
    """What a device hears, as features and true scenes; from the cache when it was heard before.

    Of a user's evaluation windows the share `familiarity`, rounded to whole windows, is made of the
    recordings of her day.

    Args:
        index: The device.
        purpose: HEARD for the day, EVALUATION for the labelled windows.
        night: Number of the night.
    """
    part, n_windows = _part(scenario, purpose)
    user = _listener(scenario, index, purpose, night)
    draw = partial(windows_of, scenario, index, purpose, night=night)
    alike = (*scenario.origin, purpose, part, n_windows, night, index // _PER_PACK)
    key = fingerprint(user, index)
    pickup = pickup_of(scenario, index, purpose, night=night)
    if scenario.language != "python":
        text = simulation.text_of(scenario.language, scenario.bank)
        return simulation.heard_once(
            Piece(FEATURES.entry(*alike, text, by=[simulation.__name__]), key),
            draw,
            language=scenario.language,
            bank=scenario.bank,
            clips=scenario.clips,
            pickup=pickup,
        )
    piece = Piece(FEATURES.entry(*alike), key)
    return heard_once(piece, draw, bank=scenario.bank, clips=scenario.clips, pickup=pickup)


def windows_of(scenario: Scenario, index: int, purpose: Purpose, *, night: int = 0) -> Windows:
    """What a device hears before it is rendered; see `hear`."""
    part, n_windows = _part(scenario, purpose)
    user = _listener(scenario, index, purpose, night)
    rng = scenario.streams.generator(purpose, night, index)
    sources = scenario.sources(index, night)

    def drawn(part: str, excerpt: Excerpt, n: int) -> Windows:
        material = scenario.library.material(part, user.surroundings, excerpt)
        return draw_windows(material, n, shares=user.shares, rng=rng)

    if purpose is Purpose.HEARD:
        return drawn(part, sources.day, n_windows)
    n_familiar = round(user.familiarity * n_windows)
    windows = drawn(part, sources.unfamiliar, n_windows - n_familiar)
    if not n_familiar:
        return windows
    windows += drawn(USER_PARTS[0], sources.familiar, n_familiar)
    return windows[rng.permutation(n_windows)]


def pickup_of(scenario: Scenario, index: int, purpose: Purpose, *, night: int = 0) -> Pickup:
    """How that gets into the device; see `hear`."""
    user = _listener(scenario, index, purpose, night)
    return scenario.pickup(user, purpose, night, index)


def _part(scenario: Scenario, purpose: Purpose) -> tuple[str, int]:
    """The part of the split that a device hears, and how many windows."""
    return {
        Purpose.HEARD: ("aggregation", scenario.listening.n_heard),
        Purpose.EVALUATION: ("evaluation", scenario.listening.n_evaluation),
    }[purpose]


def _listener(scenario: Scenario, index: int, purpose: Purpose, night: int) -> User:
    """The user as she lives on a night, with the same day whatever the familiarity."""
    user = scenario.user(index, night)
    if purpose is Purpose.HEARD and user.divides:
        return replace(user, familiarity=1.0)
    return user


def truth(scenario: Scenario, night: int) -> Callable[[int], NDArray[np.int64]]:
    """What a night's devices really heard, for strategies that show how far one could get."""
    return lambda device: hear(scenario, device, Purpose.HEARD, night=night).scene
