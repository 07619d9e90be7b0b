"""Clips that this machine lends to the others of a cluster."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import ray
from numpy.typing import NDArray
from ray.util import deregister_serializer, register_serializer
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from fedasc.corpus.borrowed import BorrowedClips
from fedasc.corpus.clips import ClipFile
from fedasc.errors import StorageError

_AT_ONCE = 4
_FOR_EVER = -1

_Lent = tuple[str, int, NDArray[np.uint32], Any]
"""Path and number of clips of a file, their checksums, and who lends them."""


@contextmanager
def lending() -> Iterator[None]:
    """Let clips that travel be lent by this machine, to whoever unpacks them."""
    here = ray.get_runtime_context().get_node_id()
    lender = _Lender.options(  # type: ignore[attr-defined]
        num_cpus=0,
        max_concurrency=_AT_ONCE,
        max_restarts=_FOR_EVER,
        max_task_retries=_FOR_EVER,
        scheduling_strategy=NodeAffinitySchedulingStrategy(here, soft=False),
    ).remote()
    register_serializer(ClipFile, serializer=partial(_lent, lender), deserializer=_borrowed)
    try:
        yield
    finally:
        deregister_serializer(ClipFile)


@ray.remote
class _Lender:
    """A process of this machine that reads clips for others."""

    def clips(self, path: str, n_clips: int, indices: Sequence[int]) -> NDArray[np.int16]:
        file = ClipFile(Path(path), n_clips)
        return np.stack([file.stored(index) for index in indices])


@dataclass(frozen=True)
class _Borrow:
    """Asks for clips; see `fedasc.corpus.borrowed`."""

    lender: Any

    def __call__(self, file: ClipFile, indices: Sequence[int]) -> NDArray[np.int16]:
        try:
            clips: NDArray[np.int16] = ray.get(
                self.lender.clips.remote(str(file.path), file.n_clips, indices)
            )
        except ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except ray.exceptions.RayError as error:
            raise StorageError(
                "clips can't be had from the machine that fedasc was called on "
                f"({type(error).__name__}); see that it is reached and not short of memory"
            ) from error
        return clips


def _lent(lender: Any, file: ClipFile) -> _Lent:
    """What travels in place of a file."""
    return str(file.path), file.n_clips, file.checksums, lender


def _borrowed(lent: _Lent) -> BorrowedClips:
    path, n_clips, checksums, lender = lent
    return BorrowedClips(ClipFile(Path(path), n_clips), checksums, _Borrow(lender))
