"""What a cell leaves: every device of every night, as JSON has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fedasc.evaluation.scores import Confusion
from fedasc.night import Night
from fedasc.scenario import Scenario

CLASSIFIERS = ("baseline", "personal", "comprehensive", "teacher")


@dataclass(frozen=True, eq=False, kw_only=True)
class DeviceNight:
    """A device on a night.

    Args:
        night: Its number.
        device: Its number.
        profile: Of its user.
        took_part: In time, late or missing.
        n_windows: That the summary was made of; 0 if none was sent.
        bytes_up, bytes_down: Of the summary and of the classifier that came back.
        scores: By classifier (`CLASSIFIERS`), on the device's evaluation windows.
    """

    night: int
    device: int
    profile: str
    took_part: str
    n_windows: int
    bytes_up: int
    bytes_down: int
    scores: Mapping[str, Confusion]

    @property
    def accuracy(self) -> Mapping[str, float]:
        """By classifier."""
        return {name: score.accuracy for name, score in self.scores.items()}

    def as_json(self) -> dict[str, Any]:
        counts = {name: score.counts.tolist() for name, score in self.scores.items()}
        return {**vars(self), "scores": counts}

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> "DeviceNight":
        scores = {name: Confusion(np.array(its)) for name, its in content["scores"].items()}
        return cls(**{**content, "scores": scores})


def devices_of(scenario: Scenario, nights: Sequence[Night]) -> list[DeviceNight]:
    """Every device whose user was there, night by night."""
    found = []
    for night in nights:
        for device in night.attendance.members:
            summary, personal = night.summaries.get(device), night.personal.get(device)
            found.append(
                DeviceNight(
                    night=night.number,
                    device=device,
                    profile=scenario.users[device].profile,
                    took_part=night.attendance.word(device),
                    n_windows=summary.n_windows if summary else 0,
                    bytes_up=summary.n_bytes if summary else 0,
                    bytes_down=personal.classifier.n_bytes if personal else 0,
                    scores={**night.scores[device], "teacher": night.diagnoses[device].teacher},
                )
            )
    return found
