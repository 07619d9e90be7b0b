import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from fedasc import code, seal
from fedasc.cache import ORIGIN, CacheEntry, Shelf, _checked, _sweep_once, set_aside
from fedasc.drafts import draft_of, lock_of
from fedasc.errors import CacheError
from fedasc.places import cache_root
from fedasc.scenes import Scene
from fedasc.seal import SEAL
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
    def first(folder: Path) -> None:
        (folder / "a").write_text("first")

    def overtaken(folder: Path) -> None:
        make(folder)
        entry().made(first)

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
    assert names(folder) == {ORIGIN, SEAL, "first", "second"}
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
        assert names(second.result(10)) == {ORIGIN, SEAL, "first", "a"}


def damage(folder: Path, name: str = "a") -> None:
    """Change a byte as a disk does, which tells nobody."""
    path = folder / name
    content, state = path.read_bytes(), path.stat()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    _checked.clear()  # another process


@pytest.mark.parametrize("name", ["a", ORIGIN, SEAL])
@pytest.mark.parametrize("method", ["made", "made_in_steps"])
def test_what_is_damaged_is_made_anew_and_told_once(
    method: str, name: str, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = getattr(entry(), method)(make)
    damage(folder, name)
    assert (getattr(entry(), method)(make) / "a").read_text() == "content"
    (record,) = caplog.records
    assert record.getMessage().startswith(f"{folder}: damaged (")
    assert entry().is_made
    assert names(cache / "shelf") == {entry().key}


@pytest.mark.parametrize("name", ["a", ORIGIN, SEAL])
def test_what_is_damaged_is_not_there(name: str) -> None:
    damage(entry().made(make), name)
    assert not entry().is_made
    assert not entry().folder.exists()
    with pytest.raises(CacheError, match=r"was removed or damaged .* run the same command again"):
        entry().opened()
    assert entry().made(make) == entry().opened()


def test_what_is_whole_of_what_takes_long_is_gone_on_with(cache: Path) -> None:
    def goes_on(folder: Path) -> None:
        assert (folder / "b").read_text() == "whole"
        make(folder)

    def both(folder: Path) -> None:
        for name in "ab":
            (folder / name).write_text("whole")

    folder = entry().made_in_steps(both)
    damage(folder)
    assert (entry().made_in_steps(goes_on) / "a").read_text() == "content"
    assert names(cache / "shelf") == {entry().key}


def test_pieces_of_large_files_are_checked_by_who_knows_them() -> None:
    def damaged(folder: Path) -> str:
        return "" if (folder / "a").read_text() == "content" else "a piece has changed"

    folder = entry().made_in_steps(make, pieces=["a"], damaged=damaged)
    damage(folder)
    assert entry().is_made
    entry().made_in_steps(make, pieces=["a"], damaged=damaged)
    assert (folder / "a").read_text() == "content"


HEALS = """
import sys
from tests.test_cache import entry, make
print((entry().made(make) / "a").read_text())
"""


def test_many_processes_that_find_the_same_damage_all_get_what_is_whole(cache: Path) -> None:
    damage(entry().made(make))
    command = [sys.executable, "-c", HEALS]
    root = Path(__file__).parents[1]
    started = [
        subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert {process.communicate()[0] for process in started} == {"content\n"}
    assert names(cache / "shelf") == {entry().key}


def test_damage_in_a_cache_that_is_read_only_is_told_with_a_cure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damage(entry().made(make))

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(CacheError, match=r"a has changed.*Permission denied.*FEDASC_CACHE"):
        entry().made(make)


@pytest.mark.parametrize(("root", "umask"), [(0o2775, 0o022), (0o700, 0o002), (0o755, 0o077)])
@pytest.mark.parametrize("method", ["made", "made_in_steps"])
def test_modes_are_those_of_the_root(method: str, root: int, umask: int, cache: Path) -> None:
    cache.mkdir()
    cache.chmod(root)

    def nested(folder: Path) -> None:
        (folder / "b").mkdir()
        make(folder / "b")

    before = os.umask(umask)
    try:
        folder = getattr(entry(), method)(nested)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert modes == {
        "b": root,
        **dict.fromkeys(("a", ORIGIN, SEAL), root & 0o666),
    }
    assert [stat.S_IMODE(each.stat().st_mode) for each in (folder, folder.parent)] == [root] * 2


def test_who_may_write_in_the_cache_may_take_its_locks(cache: Path) -> None:
    cache.mkdir()
    cache.chmod(0o770)
    found: list[int] = []

    def look(folder: Path) -> None:
        found.extend(path.stat().st_mode & 0o777 for path in folder.parent.glob("*.lock"))

    entry().made(look)
    entry(1).made_in_steps(look)
    assert found == [0o660] * 2


def test_what_the_dead_have_left_goes_when_the_next_is_made(cache: Path) -> None:
    shelf = cache / "shelf"
    folder = entry().made(make)
    dead, young, held, waits = (
        *(draft_of(folder, alone=True) for _ in range(3)),
        draft_of(entry("steps").folder, alone=False),
    )
    for draft in (dead, young, held, waits):
        draft.mkdir()
        make(draft)
    orphan = shelf / f".{entry().key}.lock"
    for path in (orphan, dead.with_suffix(".lock"), waits.with_suffix(".lock")):
        path.touch()
    with lock_of(held):
        for path in shelf.glob(".*"):
            if path != young:
                os.utime(path, (1, 1))
        _sweep_once.cache_clear()
        entry(2).made(make)
        left = {path.name for path in shelf.glob(".*")}
    both = {path.with_suffix(end).name for path in (held, waits) for end in (".draft", ".lock")}
    assert left == {young.name, *both}


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders whose files were read to check them."""
    folders: list[Path] = []

    def noted(folder: Path) -> str:
        folders.append(folder)
        return seal.damage(folder)

    monkeypatch.setattr("fedasc.cache.damage", noted)
    return folders


def test_a_process_reads_what_it_has_checked_once(checked: list[Path]) -> None:
    folder = entry().made(make)
    assert entry().is_made
    assert checked == [], "what it made itself it knows"
    _checked.clear()
    for _ in range(3):
        assert entry().made(make) == folder
    assert checked == [folder]
    (folder / "a").write_text("content")
    assert entry().is_made
    assert checked == [folder] * 2, "somebody wrote it"


def test_who_finds_damage_late_leaves_what_others_made_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damage(entry().made(make))
    late: list[str] = []

    def slowly(folder: Path) -> str:
        what = seal.damage(folder)
        if not late:
            late.append(what)
            entry().made(make)
        return what

    def never(folder: Path) -> None:
        raise AssertionError("made though others had")

    monkeypatch.setattr("fedasc.cache.damage", slowly)
    assert (entry().made(never) / "a").read_text() == "content"
    assert late == ["a has changed"]


def test_what_others_have_set_aside_is_told_by_them(caplog: pytest.LogCaptureFixture) -> None:
    set_aside(entry().folder, "a has changed")
    assert caplog.text == ""
