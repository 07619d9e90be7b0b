"""Devices of which some fail, each in a way of its own."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flwr.clientapp import ClientApp

from fedasc.aggregators.summary import Summary
from fedasc.device import Devices
from fedasc.evaluation.scores import Confusion
from fedasc.flower.client_app import make_client_app
from fedasc.flower.shared import Shared
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.questions.questions import Answers, Questions


def raises() -> None:
    raise ValueError("no microphone\n")


def exits() -> None:
    sys.exit("out of battery")


def hangs() -> None:
    time.sleep(3600)


def dies() -> None:
    os._exit(1)


@dataclass(frozen=True)
class DiesOnce:
    """The process of a device is lost, but not for what the device does.

    Args:
        mark: A file that is there afterwards.
    """

    mark: Path

    def __call__(self) -> None:
        if not self.mark.exists():
            self.mark.touch()
            dies()


@dataclass(frozen=True)
class Troubled:
    """Devices, some of them troubled.

    Args:
        devices: All of them.
        trouble: What happens to some, by number.
        when: In which phase, summarising, asking or judging.
    """

    devices: Devices
    trouble: Mapping[int, Callable[[], None]]
    when: str = "summarising"

    def _meets(self, index: int, phase: str) -> None:
        if index in self.trouble and phase == self.when:
            self.trouble[index]()

    def summarise(
        self, index: int, classifier: EmbeddedClassifier, *, night: int
    ) -> Summary | None:
        self._meets(index, "summarising")
        return self.devices.summarise(index, classifier, night=night)

    def ask(self, index: int, questions: Questions) -> Answers | None:
        self._meets(index, "asking")
        return self.devices.ask(index, questions)

    def settled(
        self, index: int, classifier: EmbeddedClassifier, *, night: int
    ) -> EmbeddedClassifier:
        return self.devices.settled(index, classifier, night=night)

    def judge(
        self, index: int, classifiers: Mapping[str, EmbeddedClassifier], *, night: int
    ) -> Mapping[str, Confusion] | None:
        self._meets(index, "judging")
        return self.devices.judge(index, classifiers, night=night)


@dataclass(frozen=True)
class _Shared:
    devices: Shared[Devices]
    trouble: Mapping[int, Callable[[], None]]
    when: str

    def get(self) -> Devices:
        return Troubled(self.devices.get(), self.trouble, self.when)


def app_with(
    trouble: Mapping[int, Callable[[], None]], *, when: str = "summarising"
) -> Callable[[Shared[Devices]], ClientApp]:
    """Makes the usual client app, of devices of which some are troubled."""
    return partial(_app, trouble=trouble, when=when)


def _app(
    devices: Shared[Devices], *, trouble: Mapping[int, Callable[[], None]], when: str
) -> ClientApp:
    return make_client_app(_Shared(devices, trouble, when))
