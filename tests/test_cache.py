from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from fedasc.cache import cache_root, cached, cached_in_steps


def make(folder: Path) -> None:
    (folder / "a").write_text("content")


def test_the_root_is_where_the_variable_points(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache_root() == cache
    assert cached("shelf", "key", make) == cache / "shelf" / "key"
    monkeypatch.delenv("FEDASC_CACHE")
    assert cache_root().name == "fedasc"
    assert cache_root() != cache


def test_a_folder_is_made_once() -> None:
    calls: list[Path] = []

    def counted(folder: Path) -> None:
        calls.append(folder)
        make(folder)

    first, second = (cached("shelf", "key", counted) for _ in range(2))
    assert first == second
    assert (first / "a").read_text() == "content"
    assert len(calls) == 1
    cached("shelf", "other", counted)
    cached("other", "key", counted)
    assert len(calls) == 3


def test_a_folder_does_not_appear_before_it_is_whole(cache: Path) -> None:
    def watching(folder: Path) -> None:
        make(folder)
        assert not (cache / "shelf" / "key").exists()

    assert (cached("shelf", "key", watching) / "a").is_file()
    assert [path.name for path in (cache / "shelf").iterdir()] == ["key"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_nothing(cache: Path, error: type[BaseException]) -> None:
    def failing(folder: Path) -> None:
        make(folder)
        raise error

    with pytest.raises(error):
        cached("shelf", "key", failing)
    assert list((cache / "shelf").iterdir()) == []
    assert (cached("shelf", "key", make) / "a").read_text() == "content"


def test_who_finishes_first_wins(cache: Path) -> None:
    def overtaken(folder: Path) -> None:
        make(folder)
        (cached("shelf", "key", make) / "a").write_text("first")

    assert (cached("shelf", "key", overtaken) / "a").read_text() == "first"
    assert [path.name for path in (cache / "shelf").iterdir()] == ["key"]


def test_what_takes_long_is_made_once() -> None:
    calls: list[Path] = []

    def counted(folder: Path) -> None:
        assert list(folder.iterdir()) == []
        calls.append(folder)
        make(folder)

    first, second = (cached_in_steps("shelf", "key", counted) for _ in range(2))
    assert first == second == cache_root() / "shelf" / "key"
    assert (first / "a").read_text() == "content"
    assert len(calls) == 1
    assert cached_in_steps("shelf", "other", counted) != first
    assert len(calls) == 2


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_takes_long_goes_on_where_it_was_interrupted(
    cache: Path, error: type[BaseException]
) -> None:
    def interrupted(folder: Path) -> None:
        (folder / "first").write_text("done")
        raise error

    def goes_on(folder: Path) -> None:
        assert not (cache / "shelf" / "key").exists()
        assert (folder / "first").read_text() == "done"
        (folder / "second").write_text("done too")

    with pytest.raises(error):
        cached_in_steps("shelf", "key", interrupted)
    assert not (cache / "shelf" / "key").exists()
    folder = cached_in_steps("shelf", "key", goes_on)
    assert {path.name for path in folder.iterdir()} == {"first", "second"}
    assert not (cache / "shelf" / ".key.draft").exists()


def test_who_comes_second_waits_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    started, go_on = Event(), Event()

    def slowly(folder: Path) -> None:
        started.set()
        assert go_on.wait(10)
        make(folder)

    def never(folder: Path) -> None:
        raise AssertionError("made by two at a time")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cached_in_steps, "shelf", "key", slowly)
        assert started.wait(10)
        second = pool.submit(cached_in_steps, "shelf", "key", never)
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
        first = pool.submit(cached_in_steps, "shelf", "key", failing)
        assert started.wait(10)
        second = pool.submit(cached_in_steps, "shelf", "key", make)
        go_on.set()
        assert isinstance(first.exception(10), ValueError)
        assert {path.name for path in second.result(10).iterdir()} == {"first", "a"}
