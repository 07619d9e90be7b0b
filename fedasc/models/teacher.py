"""The teacher: a large classifier on the server that labels artificial samples."""

from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.models.samples import TrainingSet
from fedasc.progress import Progress, quiet


class Teacher(Protocol):
    """A trained teacher."""

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        """(n_samples, 4) probability of each scene for sequences x (n_samples, 45)."""
        ...

    def save(self, path: Path) -> None:
        """Write the teacher to a file that its settings can load."""
        ...


class TeacherSettings(Protocol):
    """A kind of teacher, as settings that can train one and load one."""

    def train(self, samples: TrainingSet, *, seed: int, progress: Progress = quiet) -> Teacher:
        """Train on the comprehensive set."""
        ...

    def load(self, path: Path) -> Teacher:
        """Read what `Teacher.save` wrote.

        Raises:
            SettingsError: If the file is missing or holds another kind of teacher.
        """
        ...
