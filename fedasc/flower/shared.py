"""Values that every process of a cluster needs: each of them fetches a value once."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar

import ray

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_KEPT = 6
"""Values that a process keeps: the app, devices, the server, who looks into them, and some more."""


class Shared(Protocol[T_co]):
    """A value, wherever it is."""

    def get(self) -> T_co: ...


@dataclass(frozen=True)
class Here(Generic[T]):
    """A value in this process."""

    value: T

    def get(self) -> T:
        return self.value


@dataclass(frozen=True)
class OnCluster(Generic[T]):
    """A value in Ray's store; cheap to pickle, whatever it is."""

    reference: Any

    def get(self) -> T:
        value: T = _fetched(self.reference)
        return value


def put(value: T) -> OnCluster[T]:
    """Put a value where all processes of the cluster can fetch it."""
    return OnCluster(ray.put(value))


@lru_cache(maxsize=_KEPT)
def _fetched(reference: Any) -> Any:
    return ray.get(reference)
