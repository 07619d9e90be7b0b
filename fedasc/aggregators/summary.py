"""The summary: all that leaves a device."""

from dataclasses import dataclass

from fedasc.aggregators.mixture import Mixture
from fedasc.errors import MessageError


@dataclass(frozen=True)
class Summary:
    """What a device tells of its day.

    Args:
        mixture: Distribution of the day's sequences.
        n_windows: How many windows it was made of.

    Raises:
        MessageError: If no windows were heard.
    """

    mixture: Mixture
    n_windows: int

    def __post_init__(self) -> None:
        if self.n_windows < 1:
            raise MessageError(f"summary: expected at least one window, got {self.n_windows}")
