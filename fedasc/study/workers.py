"""Work on many items in several processes, each in one thread, telling how far it is."""

import json
import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from joblib.executor import get_memmapping_executor
from threadpoolctl import threadpool_limits

from fedasc.cache import cache_root
from fedasc.progress import Progress, quiet
from fedasc.workers import ONE_THREAD

T = TypeVar("T")
Work = Callable[[T, Progress], object]

_LOOK_EVERY_S = 0.5


def side_by_side(
    work: Work[T], items: Sequence[T], *, n_workers: int, phase: str, progress: Progress = quiet
) -> None:
    """Do work on every item.

    Args:
        work: Called with an item and a progress of its own; must be picklable, as items must.
        n_workers: Processes; one works in this process.
        phase: What to call the whole; told whenever an item is done.
        progress: Is told that, and for each phase of the work the sum over all items.
    """
    if min(n_workers, len(items)) <= 1:
        told = _Sum(progress, len(items))
        for number, item in enumerate(items):
            _alone(work, item, told.of(number))
            progress(phase, number + 1, len(items))
        return
    with TemporaryDirectory(prefix="fedasc-") as name:
        # joblib's own, which it would take any other for that lives on.
        executor = get_memmapping_executor(
            min(n_workers, len(items)),
            # Processes live on, and the cache may have moved. What is loaded later than
            # `threadpool_limits` looks is kept to one thread by the environment alone.
            env={"FEDASC_CACHE": str(cache_root()), **ONE_THREAD},
        )
        told, todo = _Sum(progress, len(items)), list(enumerate(items))[::-1]
        waiting: set[Future[None]] = set()
        try:
            while todo or waiting:
                # No more than are worked on: what waits would outlive an interruption.
                while todo and len(waiting) < n_workers:
                    number, item = todo.pop()
                    note = _Note(Path(name) / str(number))
                    waiting.add(executor.submit(_alone, work, item, note))
                done, waiting = wait(waiting, _LOOK_EVERY_S, return_when=FIRST_COMPLETED)
                for number, last in _notes(Path(name)):
                    told.of(number)(*last)
                for future in done:
                    future.result()
                if done:
                    progress(phase, len(items) - len(todo) - len(waiting), len(items))
        except BaseException:
            executor.shutdown(wait=True, kill_workers=True)
            raise


@contextmanager
def alone() -> Iterator[None]:
    """One thread: sums over threads would end in another order elsewhere.

    And no warnings: processes have nobody to tell; who looks at what came out warns of it.
    """
    logging.disable(logging.WARNING)
    try:
        with threadpool_limits(1):
            yield
    finally:
        logging.disable(logging.NOTSET)


def _alone(work: Work[T], item: T, progress: Progress) -> None:
    with alone():
        work(item, progress)


@dataclass(frozen=True)
class _Note:
    """A progress that leaves a note for another process."""

    path: Path

    def __call__(self, phase: str, done: int, total: int) -> None:
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps([phase, done, total]), encoding="utf-8")
        os.replace(draft, self.path)


def _notes(folder: Path) -> Iterator[tuple[int, tuple[str, int, int]]]:
    for path in sorted(folder.iterdir()):
        if not path.suffix:
            phase, done, total = json.loads(path.read_text(encoding="utf-8"))
            yield int(path.name), (phase, done, total)


class _Sum:
    """Adds up what items tell of their phases; a phase that an item has left is done."""

    def __init__(self, progress: Progress, n_items: int) -> None:
        self._progress = progress
        self._n_items = n_items
        self._steps: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)

    def of(self, number: int) -> Progress:
        def told(phase: str, done: int, total: int) -> None:
            its = self._steps[phase]
            if its.get(number) != (done, total):
                its[number] = (done, total)
                most = max(its_total for _, its_total in its.values())
                sum_done = sum(its_done for its_done, _ in its.values())
                self._progress(phase, sum_done, most * self._n_items)

        return told
