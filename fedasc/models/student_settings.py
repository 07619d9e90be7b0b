"""Settings of the student: what is distilled of the teacher, and how far it may be off."""

from dataclasses import dataclass
from typing import Literal

from fedasc.config import check_choices, check_finite
from fedasc.errors import SettingsError

Use = Literal["auto", "never"]


@dataclass(frozen=True, kw_only=True)
class StudentSettings:
    """Who labels devices' samples: the teacher, or a small network that has learnt to say the same.

    Args:
        use: auto, the student labels unless it is too far off; or never.
        bound: Share of the comprehensive validation windows that it may give another scene than
            the teacher. Beyond that the teacher labels.
        hidden: Outputs of each hidden layer.
        n_artificial: Artificial samples that it learns from beside the server's transfer sets.
        n_steps: Batches.
        batch_size: Samples in a batch.
        learning_rate: The highest, of Adam; it rises for a tenth of the steps and then falls to
            nothing along a cosine (Smith and Topin 2018).
    """

    use: Use = "auto"
    bound: float = 0.12
    hidden: tuple[int, ...] = (128, 64)
    n_artificial: int = 40_000
    n_steps: int = 3000
    batch_size: int = 512
    learning_rate: float = 0.015

    def __post_init__(self) -> None:
        check_finite(self, section="student")
        check_choices(self, section="student")
        if not 0 <= self.bound <= 1:
            raise SettingsError(f"student: bound must be in [0, 1], got {self.bound}")
        if min(*self.hidden, self.n_steps, self.batch_size) < 1 or self.n_artificial < 0:
            raise SettingsError(
                "student: hidden layers, n_steps and batch_size must be at least 1, n_artificial "
                "not negative"
            )
        if self.learning_rate <= 0:
            raise SettingsError("student: learning_rate must be positive")
