"""A teacher of several kinds of teachers that vote with their probabilities."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.deep_sets import DeepSetsSettings
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.samples import TrainingSet
from fedasc.models.teacher import Teacher, TeacherSettings, Training
from fedasc.progress import Progress, quiet

T = TypeVar("T", bound=TeacherSettings)


@dataclass(frozen=True, kw_only=True)
class CommitteeSettings(TeacherSettings):
    """Who sits on the committee.

    Args:
        members: Teachers of any kinds, some of them of the same one; all of them count the same.
    """

    members: tuple[TeacherSettings, ...] = (EnsembleSettings(), DeepSetsSettings())

    def __post_init__(self) -> None:
        if not self.members:
            raise SettingsError("committee: members must name one teacher at least")

    def train(
        self, samples: TrainingSet, *, seed: int, progress: Progress = quiet
    ) -> "CommitteeTeacher":
        """Train every member: the first of its kind with the seed, others with one made of it."""
        return CommitteeTeacher(
            {
                file: member.train(samples, seed=_seed_of(seed, number), progress=progress)
                for (file, number), member in self._placed().items()
            }
        )

    def training(self, samples: TrainingSet, *, seed: int) -> Training:
        """The parts of all members."""
        trainings = {
            file: member.training(samples, seed=_seed_of(seed, number))
            for (file, number), member in self._placed().items()
        }

        def joined(trained: Sequence[Any]) -> CommitteeTeacher:
            left = iter(trained)
            return CommitteeTeacher(
                {
                    file: training.joined(list(islice(left, len(training.parts))))
                    for file, training in trainings.items()
                }
            )

        return Training([part for each in trainings.values() for part in each.parts], joined)

    def load(self, path: Path) -> "CommitteeTeacher":
        """Read a folder with a file for each member."""
        if not path.exists():
            raise SettingsError(f"{path}: no such teacher file")
        if not path.is_dir():
            raise SettingsError(f"{path}: not the folder of a committee; see --teacher")
        return CommitteeTeacher(
            {file: member.load(path / file) for (file, _), member in self._placed().items()}
        )

    def _placed(self) -> Mapping[tuple[str, int], TeacherSettings]:
        """Members by the name of their file, and by their number among those of that kind."""
        placed: dict[tuple[str, int], TeacherSettings] = {}
        counts: Counter[str] = Counter()
        for member in self.members:
            kind = member.name.rpartition(":")[2]  # of one in a file, the class
            counts[kind.casefold()] += 1
            number = counts[kind.casefold()]
            placed[kind if number == 1 else f"{kind}-{number}", number] = member
        return placed


def _seed_of(seed: int, number: int) -> int:
    """The seed for the first teacher of a kind, and another one for each other: no twins."""
    if number == 1:
        return seed
    return int(np.random.SeedSequence(seed, spawn_key=(number,)).generate_state(1)[0] >> 1)


def member_of(teacher: TeacherSettings, kind: type[T]) -> T | None:
    """The first teacher of a kind: the teacher itself, or a member of a committee, or none."""
    if isinstance(teacher, kind):
        return teacher
    members = teacher.members if isinstance(teacher, CommitteeSettings) else ()
    return next((one for member in members if (one := member_of(member, kind))), None)


@dataclass(frozen=True)
class CommitteeTeacher:
    """Mean of its members' probabilities.

    Args:
        members: By the name of their file.
    """

    members: Mapping[str, Teacher]

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        first, *others = (member.probabilities(x) for member in self.members.values())
        mean: FloatArray = sum(others, first) / len(self.members)
        return mean

    def on(self, device: str) -> "CommitteeTeacher":
        return CommitteeTeacher({name: member.on(device) for name, member in self.members.items()})

    def save(self, path: Path) -> None:
        """Write a folder with a file for each member."""
        path.mkdir()
        for name, member in self.members.items():
            member.save(path / name)
