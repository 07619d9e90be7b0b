"""How edges are searched, as settings."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fedasc.config import check_choices
from fedasc.errors import SettingsError

Objective = Literal["lda", "embedded"]


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """How edges are searched.

    Args:
        objective: What is to classify best: embedded, C1, or lda, linear discriminant analysis.
        n_evaluations: Banks to try.
        n_folds: Of the training part, for cross-validation by group.
        n_windows: Windows of 10 s that a bank is judged by.
        n_epochs: Of C1 at most, for each fold; fewer than a run's will do to tell banks apart.
        spread: Standard deviation of the edges that are tried first, in octaves.

    Raises:
        SettingsError: If a value can't be used.
    """

    objective: Objective = "embedded"
    n_evaluations: int = 150
    n_folds: int = 4
    n_windows: int = 2000
    n_epochs: int = 60
    spread: float = 0.5

    def __post_init__(self) -> None:
        check_choices(self, section="")
        if min(self.n_evaluations, self.n_epochs) < 1 or self.n_folds < 2:
            raise SettingsError(
                "a bank search takes at least 1 evaluation, 1 epoch and 2 folds, got "
                f"{self.n_evaluations}, {self.n_epochs} and {self.n_folds}"
            )
        if self.n_windows < 10 * self.n_folds:
            raise SettingsError(
                f"a bank search takes at least 10 windows per fold, got {self.n_windows} for "
                f"{self.n_folds} folds"
            )
        if not 0 < self.spread < np.inf:
            raise SettingsError(f"spread must be positive and finite, got {self.spread:g}")
