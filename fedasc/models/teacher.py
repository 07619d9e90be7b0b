"""The teacher: a large classifier on the server that labels artificial samples."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.models.samples import TrainingSet
from fedasc.plugins import Family, Plugin
from fedasc.progress import Progress, quiet


class Teacher(Protocol):
    """A trained teacher: a value, which can be pickled."""

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        """(n_samples, 4) probability of each scene for sequences x (n_samples, 45).

        One thread computes them. On a CPU a sample's are the same to the last bit whatever it is
        labelled together with, so the samples of many devices may come in one call or in several.

        Raises:
            ValueError: If x is not finite.
        """
        ...

    def on(self, device: str) -> "Teacher":
        """The same teacher, labelling on a device of PyTorch: cpu, cuda, cuda:1 and so on.

        Its probabilities are the same up to rounding. What an accelerator doesn't help stays on
        the CPU.

        Raises:
            SettingsError: If this machine has no such device.
        """
        ...

    def save(self, path: Path) -> None:
        """Write the teacher to a file that its settings can load."""
        ...


class StudentTeacher(Teacher, Protocol):
    """A teacher that was distilled of another one; see `fedasc.models.student`."""

    @property
    def passes(self) -> bool:
        """Whether it may label in the other's place."""
        ...

    def on(self, device: str) -> "StudentTeacher": ...

    def facts(self) -> dict[str, Any]:
        """For reports."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that it is, wherever it labels."""
        ...


@dataclass(frozen=True)
class Training:
    """A training in parts, which other processes may do side by side.

    Args:
        parts: What is to be done, in any order. Must be picklable, and so must what they return.
        joined: Makes a teacher of what they returned, in their order.
    """

    parts: Sequence[Callable[[], Any]]
    joined: Callable[[Sequence[Any]], Teacher]


class TeacherSettings(Plugin):
    """A kind of teacher. Implementations are frozen dataclasses of the settings that train one."""

    family = Family(
        word="teacher",
        group="fedasc.teachers",
        default="committee",
        builtin={
            "committee": "fedasc.models.committee:CommitteeSettings",
            "ensemble": "fedasc.models.ensemble:EnsembleSettings",
            "deep_sets": "fedasc.models.deep_sets:DeepSetsSettings",
            "mobilenet": "fedasc.models.mobilenet:MobileNetSettings",
        },
    )

    @abstractmethod
    def train(self, samples: TrainingSet, *, seed: int, progress: Progress = quiet) -> Teacher:
        """Train on the comprehensive set.

        Args:
            seed: Of every draw, 31 bits.
        """

    def training(self, samples: TrainingSet, *, seed: int) -> Training:
        """What `train` does, to the last bit; in one part unless a kind overrides it."""
        return Training((partial(self.train, samples, seed=seed),), _only)

    @abstractmethod
    def load(self, path: Path) -> Teacher:
        """Read what `Teacher.save` wrote.

        Raises:
            SettingsError: If the file is missing or holds another kind of teacher.
        """


def _only(trained: Sequence[Any]) -> Teacher:
    (teacher,) = trained
    return cast(Teacher, teacher)
