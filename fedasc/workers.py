"""Who does the server's work: this process, or others side by side.

Work is done on chunks of devices, so that memory is bounded by a chunk and not by their number.
What comes out depends neither on the chunks nor on who does the work.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Protocol, TypeVar

from threadpoolctl import threadpool_limits

S = TypeVar("S")
I = TypeVar("I")  # noqa: E741
R = TypeVar("R")

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Environment of a process that computes in one thread, with whatever it loads."""

_CHUNKS_PER_WORKER = 4
_AT_ONCE = 16


class Workers(Protocol):
    """Processes that work side by side."""

    @property
    def n_workers(self) -> int:
        """How many items are worked on at a time."""
        ...

    def map(self, work: Callable[[S, I], R], shared: S, items: Sequence[I]) -> Iterator[R]:
        """What work makes of every item, in their order.

        Args:
            work: Called with shared and an item; must be picklable.
            shared: What all of it needs; travels to each process once.
            items: What differs.
        """
        ...


class Alone:
    """This process, an item at a time."""

    n_workers = 1

    def map(
        self, work: Callable[[S, I], R], shared: S, items: Sequence[I]
    ) -> Generator[R, None, None]:
        for item in items:
            with threadpool_limits(1):
                yield work(shared, item)


ALONE = Alone()


def chunks(
    devices: Sequence[int], workers: Workers, *, most: int = _AT_ONCE, least: int = 1
) -> list[Sequence[int]]:
    """Devices in order, so many at a time that no worker waits long for another at the end.

    Args:
        most: Devices of a chunk at most.
        least: At least, but for the last chunk.
    """
    per_worker = -(-len(devices) // (_CHUNKS_PER_WORKER * workers.n_workers))
    size = max(least, min(per_worker, most))
    return [devices[start : start + size] for start in range(0, len(devices), size)]
