"""A teacher of several kinds of teachers that vote with their probabilities."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.samples import TrainingSet
from fedasc.models.teacher import Teacher, TeacherSettings
from fedasc.progress import Progress, quiet


@dataclass(frozen=True, kw_only=True)
class CommitteeSettings:
    """Who sits on the committee.

    Args:
        members: Kinds of teachers by name; all of them count the same.
    """

    members: Mapping[str, TeacherSettings]

    def train(
        self, samples: TrainingSet, *, seed: int, progress: Progress = quiet
    ) -> "CommitteeTeacher":
        return CommitteeTeacher(
            {
                name: member.train(samples, seed=seed, progress=progress)
                for name, member in self.members.items()
            }
        )

    def load(self, path: Path) -> "CommitteeTeacher":
        """Read a folder with a file for each member."""
        if not path.exists():
            raise SettingsError(f"{path}: no such teacher file")
        if not path.is_dir():
            raise SettingsError(f"{path}: not the folder of a committee; see --teacher")
        return CommitteeTeacher(
            {name: member.load(path / name) for name, member in self.members.items()}
        )


@dataclass(frozen=True)
class CommitteeTeacher:
    """Mean of its members' probabilities."""

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
