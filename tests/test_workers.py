from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from fedasc.workers import ALONE, Alone, chunks


class Many(Alone):
    """As many workers."""

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers


@given(
    n_devices=st.integers(0, 200),
    n_workers=st.integers(1, 12),
    least=st.integers(1, 20),
    more=st.integers(0, 20),
)
def test_chunks_hold_every_device_once_in_order(
    n_devices: int, n_workers: int, least: int, more: int
) -> None:
    devices = range(3, 3 + n_devices)
    found = chunks(devices, Many(n_workers), most=least + more, least=least)
    assert list(chain.from_iterable(found)) == list(devices)
    assert all(least <= len(chunk) <= least + more for chunk in found[:-1])
    assert all(1 <= len(chunk) <= least + more for chunk in found[-1:])


@pytest.mark.parametrize(("n_workers", "size"), [(1, 13), (2, 7), (4, 4), (50, 1)])
def test_no_worker_waits_for_another_that_has_a_last_large_chunk(n_workers: int, size: int) -> None:
    found = chunks(range(50), Many(n_workers), most=16)
    assert {len(chunk) for chunk in found[:-1]} == {size}


def test_this_process_works_in_one_thread_in_order() -> None:
    def work(shared: str, item: int) -> tuple[str, set[int]]:
        return f"{shared}{item}", {library["num_threads"] for library in threadpool_info()}

    assert list(ALONE.map(work, "x", [2, 1])) == [("x2", {1}), ("x1", {1})]
