import logging
from functools import partial
from operator import add
from pathlib import Path

import joblib
import pytest
from threadpoolctl import threadpool_info

from fedasc.errors import CorpusError
from fedasc.processes import Processes, side_by_side
from fedasc.progress import Progress
from fedasc.workers import ALONE, Workers

log = logging.getLogger("fedasc.tests")


def mark(folder: Path, item: int, progress: Progress) -> None:
    progress("steps", 1, 2)
    progress("steps", 2, 2)
    threads = {library["num_threads"] for library in threadpool_info()}
    log.warning("nobody to tell")
    (folder / str(item)).write_text(f"{max(threads, default=1)}")


def fail(item: int, progress: Progress) -> None:
    raise CorpusError(f"item {item} is missing; add it")


@pytest.mark.parametrize("n_workers", [1, 2])
def test_every_item_is_done_once_in_one_thread_and_told(
    tmp_path: Path, n_workers: int, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[str, int, int]] = []
    side_by_side(
        partial(mark, tmp_path),
        [4, 5, 6],
        n_workers=n_workers,
        phase="marking",
        progress=lambda *step: told.append(step),
    )
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys("456", "1")
    assert told[-1] == ("marking", 3, 3)
    steps = [step for step in told if step[0] == "steps"]
    assert steps[-1] == ("steps", 6, 6)
    assert steps == sorted(steps)
    assert not caplog.records
    log.warning("somebody again")
    assert len(caplog.records) == 1


@pytest.mark.parametrize("n_workers", [1, 2])
def test_what_goes_wrong_in_a_process_is_raised_here(n_workers: int) -> None:
    with pytest.raises(CorpusError, match="is missing; add it"):
        side_by_side(fail, [1, 2, 3], n_workers=n_workers, phase="failing")


@pytest.mark.parametrize("workers", [ALONE, Processes(2, look=lambda: None)])
def test_what_comes_out_stands_in_the_order_of_the_items(workers: Workers) -> None:
    assert list(workers.map(add, 10, list(range(7)))) == list(range(10, 17))


def test_nothing_to_do_is_done() -> None:
    side_by_side(fail, [], n_workers=2, phase="resting")


def test_joblib_works_as_ever_afterwards(tmp_path: Path) -> None:
    """Both keep their processes for the next time, and find each other's."""
    side_by_side(partial(mark, tmp_path), [1, 2], n_workers=2, phase="marking")
    assert joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(n) for n in (-1, -2)) == [1, 2]
