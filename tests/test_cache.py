import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from fedasc import code
from fedasc.cache import ORIGIN, CacheEntry, Shelf, cache_root
from fedasc.scenes import Scene
from fedasc.seeds import Streams

SHELF = Shelf(kind="shelf", made_by=("fedasc.scenes",))


def entry(*inputs: Any) -> CacheEntry:
    return SHELF.entry(*inputs)


def make(folder: Path) -> None:
    (folder / "a").write_text("content")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_root_is_where_the_variable_points(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache_root() == cache
    assert entry().made(make) == cache / "shelf" / entry().key == entry().folder
    monkeypatch.delenv("FEDASC_CACHE")
    assert cache_root().name == "fedasc"
    assert cache_root() != cache


def test_a_folder_is_made_once() -> None:
    calls: list[Path] = []

    def counted(folder: Path) -> None:
        calls.append(folder)
        make(folder)

    assert not entry().is_made
    first, second = (entry().made(counted) for _ in range(2))
    assert entry().is_made
    assert first == second
    assert (first / "a").read_text() == "content"
    assert len(calls) == 1
    entry("another").made(counted)
    Shelf(kind="other", made_by=SHELF.made_by).entry().made(counted)
    assert len(calls) == 3


def test_all_that_goes_in_counts_and_so_do_code_and_versions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = [
        entry(),
        entry(1),
        entry(1, "a"),
        entry([1, "a"]),
        entry(Scene.MUSIC, Streams(2)),
        entry(Scene.MUSIC, Streams(3)),
        entry(entry(1)),
        SHELF.entry(by=["fedasc.seeds"]),
        Shelf(kind="shelf", made_by=("fedasc.seeds",)).entry(),
    ]
    assert len({its.key for its in entries}) == len(entries)
    again = entry(Scene.MUSIC, Streams(3))
    assert (again, again.key) == (entries[5], entries[5].key)
    monkeypatch.setattr(code, "installed", lambda library: "99")
    assert entry(Scene.MUSIC, Streams(3)).key != again.key


def test_what_made_a_folder_stands_in_it() -> None:
    inner = entry(1)
    for make_it in (entry(inner, "text").made, entry(inner).made_in_steps):
        origin = json.loads((make_it(make) / ORIGIN).read_text())
        assert (origin["kind"], origin["made_by"]) == ("shelf", ["fedasc.scenes"])
        assert origin["code"]["versions"]["python"] == code.installed("python")
        assert origin["inputs"][0] == {"CacheEntry": {"origin": inner.origin}}
    assert CacheEntry(origin) == entry(inner)


def test_reading_marks_the_time_of_use_where_that_can_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = entry().made(make)
    for again in (entry().made, entry().made_in_steps):
        os.utime(folder, (1, 1))
        again(make)
        assert folder.stat().st_mtime > 1_000_000

    def read_only(path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "utime", read_only)
    assert entry().made(make) == entry().made_in_steps(make) == folder


def test_a_cache_that_is_read_only_can_be_read(cache: Path) -> None:
    folder = entry().made(make)
    for path in (folder, folder.parent, cache):
        path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert entry().made(make) == entry().made_in_steps(make) == folder
    finally:
        for path in (cache, folder.parent, folder):
            path.chmod(stat.S_IRWXU)


def test_a_folder_does_not_appear_before_it_is_whole(cache: Path) -> None:
    def watching(folder: Path) -> None:
        assert names(folder) == {ORIGIN}
        make(folder)
        assert not entry().folder.exists()

    assert (entry().made(watching) / "a").is_file()
    assert names(cache / "shelf") == {entry().key}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_nothing(cache: Path, error: type[BaseException]) -> None:
    def failing(folder: Path) -> None:
        make(folder)
        raise error

    with pytest.raises(error):
        entry().made(failing)
    assert list((cache / "shelf").iterdir()) == []
    assert (entry().made(make) / "a").read_text() == "content"


def test_who_finishes_first_wins(cache: Path) -> None:
    def overtaken(folder: Path) -> None:
        make(folder)
        (entry().made(make) / "a").write_text("first")

    assert (entry().made(overtaken) / "a").read_text() == "first"
    assert names(cache / "shelf") == {entry().key}


def test_what_takes_long_is_made_once() -> None:
    calls: list[Path] = []

    def counted(folder: Path) -> None:
        assert names(folder) == {ORIGIN}
        calls.append(folder)
        make(folder)

    first, second = (entry().made_in_steps(counted) for _ in range(2))
    assert first == second == entry().folder
    assert (first / "a").read_text() == "content"
    assert len(calls) == 1
    assert entry("other").made_in_steps(counted) != first
    assert len(calls) == 2


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_takes_long_goes_on_where_it_was_interrupted(
    cache: Path, error: type[BaseException]
) -> None:
    def interrupted(folder: Path) -> None:
        (folder / "first").write_text("done")
        raise error

    def goes_on(folder: Path) -> None:
        assert not entry().is_made
        assert (folder / "first").read_text() == "done"
        (folder / "second").write_text("done too")

    with pytest.raises(error):
        entry().made_in_steps(interrupted)
    assert not entry().is_made
    folder = entry().made_in_steps(goes_on)
    assert names(folder) == {ORIGIN, "first", "second"}
    assert not list((cache / "shelf").glob(".*.draft"))


def test_who_comes_second_waits_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    started, go_on = Event(), Event()

    def slowly(folder: Path) -> None:
        started.set()
        assert go_on.wait(10)
        make(folder)

    def never(folder: Path) -> None:
        raise AssertionError("made by two at a time")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(entry().made_in_steps, slowly)
        assert started.wait(10)
        second = pool.submit(entry().made_in_steps, never)
        try:
            while "waiting for another process that makes the same shelf" not in caplog.text:
                assert not second.done()
        finally:
            go_on.set()
        assert first.result(10) == second.result(10)
    assert (first.result() / "a").read_text() == "content"


def test_who_waited_goes_on_where_the_first_failed() -> None:
    started, go_on = Event(), Event()

    def failing(folder: Path) -> None:
        (folder / "first").touch()
        started.set()
        assert go_on.wait(10)
        raise ValueError

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(entry().made_in_steps, failing)
        assert started.wait(10)
        second = pool.submit(entry().made_in_steps, make)
        go_on.set()
        assert isinstance(first.exception(10), ValueError)
        assert names(second.result(10)) == {ORIGIN, "first", "a"}
