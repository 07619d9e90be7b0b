"""Processes of this machine that work side by side, each in one thread, and tell how far."""

import json
import logging
import multiprocessing
import os
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import util
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from joblib.executor import get_memmapping_executor
from joblib.externals.loky import reusable_executor
from threadpoolctl import threadpool_limits

from fedasc.places import cache_root
from fedasc.progress import Progress, quiet
from fedasc.workers import ALONE, ONE_THREAD, Alone

S = TypeVar("S")
I = TypeVar("I")  # noqa: E741
R = TypeVar("R")

_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Processes:
    """Workers (see `fedasc.workers.Workers`) that are processes of this machine.

    Args:
        n_workers: How many.
        look: Called again and again while they work.
    """

    n_workers: int
    look: Callable[[], None]

    def map(
        self, work: Callable[[S, I], R], shared: S, items: Sequence[I]
    ) -> Generator[R, None, None]:
        # joblib's own, which it would take any other for that lives on.
        executor = get_memmapping_executor(
            self.n_workers,
            # Processes live on, and the cache may have moved. What is loaded later than
            # `threadpool_limits` looks is kept to one thread by the environment alone.
            env={"FEDASC_CACHE": str(cache_root()), **ONE_THREAD},
        )
        todo, busy, done = deque(enumerate(items)), dict[Future[R], int](), dict[int, R]()
        try:
            for number in range(len(items)):
                while number not in done:
                    # No more than are worked on: what waits would outlive an interruption.
                    while todo and len(busy) < self.n_workers:
                        next_number, item = todo.popleft()
                        busy[executor.submit(work, shared, item)] = next_number
                    finished, _ = wait(busy, _LOOK_EVERY_S, return_when=FIRST_COMPLETED)
                    self.look()
                    done |= {busy.pop(future): future.result() for future in finished}
                yield done.pop(number)
        except BaseException:
            executor.shutdown(wait=True, kill_workers=True)
            raise


def end_all() -> None:
    """End what works for this process at once, and remove what was shared; for one that ends, too.

    Idle processes would live on for minutes, and so would whatever waits for their output.
    """
    for process in multiprocessing.active_children():
        process.terminate()
    executor = reusable_executor._executor
    if executor is not None:
        with suppress(AttributeError, OSError):  # joblib offers this to who waits for the processes
            manager = executor._temp_folder_manager
            manager._clean_temporary_resources(force=True, allow_non_empty=True)
    util._run_finalizers(0)  # type: ignore[attr-defined]  # its semaphores, as at an orderly exit


Work = Callable[[I, Progress], object]


def side_by_side(
    work: Work[I], items: Sequence[I], *, n_workers: int, phase: str, progress: Progress = quiet
) -> None:
    """Do work on every item, and tell how far it is inside each.

    Args:
        work: Called with an item and a progress of its own; must be picklable, as items must.
        n_workers: Processes; one works in this process.
        phase: What to call the whole; told whenever an item is done.
        progress: Is told that, and for each phase of the work the sum over all items.
    """
    n_at_once, total = min(n_workers, len(items)), _Sum(progress, len(items))
    with TemporaryDirectory(prefix="fedasc-") as name:
        notes: Sequence[Progress]
        workers: Processes | Alone
        if n_at_once > 1:
            workers = Processes(n_at_once, look=partial(_read_notes, Path(name), total))
            notes = [_Note(Path(name) / str(number)) for number in range(len(items))]
        else:
            workers, notes = ALONE, [total.of(number) for number in range(len(items))]
        # Closed whatever happens: processes would go on.
        with closing(workers.map(_alone, work, list(zip(items, notes, strict=True)))) as results:
            for n_done, _ in enumerate(results, 1):
                progress(phase, n_done, len(items))


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


def _alone(work: Work[I], item: tuple[I, Progress]) -> None:
    with alone():
        work(*item)


@dataclass(frozen=True)
class _Note:
    """A progress that leaves a note for another process."""

    path: Path

    def __call__(self, phase: str, done: int, total: int) -> None:
        draft = self.path.with_suffix(".draft")
        with suppress(OSError):  # of a full disk the work itself tells, if it minds
            draft.write_text(json.dumps([phase, done, total]), encoding="utf-8")
            os.replace(draft, self.path)


def _read_notes(folder: Path, total: "_Sum") -> None:
    for path in sorted(folder.iterdir()):
        if not path.suffix:
            total.of(int(path.name))(*json.loads(path.read_text(encoding="utf-8")))


class _Sum:
    """Adds up what items tell of their phases."""

    def __init__(self, progress: Progress, n_items: int) -> None:
        self._progress = progress
        self._n_items = n_items
        self._steps: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)

    def of(self, number: int) -> Progress:
        """The progress of an item."""

        def tell(phase: str, done: int, total: int) -> None:
            steps = self._steps[phase]
            if steps.get(number) != (done, total):
                steps[number] = (done, total)
                most = max(total for _, total in steps.values())
                self._progress(phase, sum(done for done, _ in steps.values()), most * self._n_items)

        return tell
