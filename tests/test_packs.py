import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

import pytest

from fedasc.cache import Shelf
from fedasc.packs import Piece, _contents

SHELF = Shelf(kind="tests", made_by=("fedasc.packs",))
PACK = SHELF.entry("a pack")


def content_of(key: str) -> bytes:
    return f"content of {key}\n".encode() * 50


def made(key: str, calls: list[str] | None = None) -> bytes:
    def make() -> bytes:
        (calls if calls is not None else []).append(key)
        return content_of(key)

    return Piece(PACK, key).made(make)


def file_of() -> Path:
    return PACK.folder / "pieces"


def forget() -> None:
    """As another process would begin."""
    _contents.cache_clear()


def test_a_piece_is_made_once_and_stands_in_one_file_with_the_others() -> None:
    calls: list[str] = []
    for _ in range(2):
        assert [made(key, calls) for key in "abc"] == [content_of(key) for key in "abc"]
        forget()
    assert calls == ["a", "b", "c"]
    assert {path.name for path in PACK.folder.iterdir()} == {
        "origin.json",
        "seal",
        "pieces",
        "lock",
    }


def test_what_others_add_is_seen() -> None:
    made("a")
    mine = _contents(file_of())
    forget()
    made("b")
    assert mine.read("b") == content_of("b")


@pytest.mark.parametrize("n_lost", [1, 40, len(content_of("b")), len(content_of("b")) + 3])
def test_who_was_cut_off_leaves_nothing_that_stays(n_lost: int) -> None:
    made("a")
    made("b")
    content = file_of().read_bytes()
    file_of().write_bytes(content[:-n_lost])
    forget()
    calls: list[str] = []
    assert made("c", calls) == content_of("c")
    assert made("b", calls) == content_of("b")
    forget()
    assert [made(key, calls) for key in "abc"] == [content_of(key) for key in "abc"]
    assert calls == ["c", "b"]


def test_a_damaged_piece_is_made_anew(caplog: pytest.LogCaptureFixture) -> None:
    for key in "abc":
        made(key)
    content = bytearray(file_of().read_bytes())
    content[content.index(content_of("b")) + 7] ^= 1
    file_of().write_bytes(content)
    calls: list[str] = []
    for _ in range(2):
        forget()
        with caplog.at_level(logging.ERROR):
            assert [made(key, calls) for key in "abc"] == [content_of(key) for key in "abc"]
    assert calls == ["b"]
    assert caplog.text.count("a piece is damaged; made anew") == 1


def test_a_pack_that_was_removed_is_made_anew() -> None:
    made("a")
    for path in PACK.folder.iterdir():
        path.unlink()
    PACK.folder.rmdir()
    calls: list[str] = []
    assert made("a", calls) == content_of("a")
    assert calls == ["a"]
    assert made("a", calls) == content_of("a")
    assert calls == ["a"]


def many(first: int) -> None:
    for number in range(first, first + 40):
        made(f"{number % 60}")


def test_processes_side_by_side_lose_nothing() -> None:
    context = get_context("fork")
    workers = [context.Process(target=many, args=(first,)) for first in (0, 20, 40)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    calls: list[str] = []
    keys = [f"{number}" for number in range(60)]
    assert [made(key, calls) for key in keys] == [content_of(key) for key in keys]
    assert not calls


def test_threads_side_by_side_lose_nothing() -> None:
    """They share what the process has seen of the file."""
    interval = sys.getswitchinterval()
    keys = [f"{number}" for number in range(100)]
    for key in keys:
        made(key)
    n_bytes = file_of().stat().st_size
    calls: list[str] = []
    together = Barrier(4)

    def look(first: int) -> list[bytes]:
        together.wait()
        return [made(key, calls) for key in keys[first:]]

    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            forget()
            with ThreadPoolExecutor(4) as pool:
                for first, seen in enumerate(pool.map(look, range(4))):
                    assert seen == [content_of(key) for key in keys[first:]]
    finally:
        sys.setswitchinterval(interval)
    assert not calls
    assert file_of().stat().st_size == n_bytes
