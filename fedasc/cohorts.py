"""Cohorts: devices in order, so many at a time, that a night goes through one after the other.

So what is held of devices doesn't grow with their number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from fedasc.strategies.strategy import Strategy

T = TypeVar("T")


@dataclass(frozen=True)
class Cohort:
    """Devices that are held at a time.

    Args:
        number: From 0.
        devices: Those that it may have; some of them may not take part.
    """

    number: int
    devices: range

    def of(self, by_device: Mapping[int, T]) -> dict[int, T]:
        """What there is of its devices, in the order that it has."""
        return {device: one for device, one in by_device.items() if device in self.devices}


def served_together(
    n_devices: int, strategy: Strategy, per_cohort: int | None
) -> list[list[Cohort]]:
    """Cohorts in order: those that a strategy serves together, all or each by itself.

    Args:
        n_devices: In all.
        per_cohort: Of each cohort but the last, which may have fewer; all if None.
    """
    size = per_cohort or max(1, n_devices)
    cohorts = [
        Cohort(number, range(first, min(first + size, n_devices)))
        for number, first in enumerate(range(0, n_devices, size))
    ]
    return [[cohort] for cohort in cohorts] if strategy.serves_alone else [cohorts]
