import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from fedasc import code, inventory, shelves, sources
from fedasc.cache import ORIGIN, CacheEntry, Shelf
from fedasc.errors import SettingsError
from fedasc.inventory import Item, chosen, remove
from fedasc.places import cache_root
from fedasc.seal import SEAL
from fedasc.shelves import FEATURES, POOL, WORLD

DAY_S = 86_400


def make(folder: Path) -> None:
    (folder / "content").write_bytes(bytes(1000))


def kept(entry: CacheEntry, *, days: float = 0) -> Path:
    """Make an entry that was last used so many days ago."""
    folder = entry.made(make)
    used(folder, days)
    return folder


def used(path: Path, days: float) -> None:
    os.utime(path, (time.time() - days * DAY_S,) * 2)


def items() -> tuple[Item, ...]:
    return inventory.inventory()


def paths(some: tuple[Item, ...]) -> set[Path]:
    return {item.path for item in some}


def test_an_empty_cache_holds_nothing() -> None:
    assert items() == ()
    assert chosen((), stale=True) == remove(()) == ()


def test_items_tell_size_and_use_and_what_is_not_fedascs_is_not_looked_at(cache: Path) -> None:
    folder = kept(FEATURES.entry(1), days=3)
    (cache / "features" / "notes").mkdir()
    (cache / "features" / "notes.txt").touch()
    (cache / "thesis" / "chapter").mkdir(parents=True)
    (cache / "thesis.tex").touch()
    (item,) = items()
    assert (item.kind, item.path, item.is_draft, item.is_stale) == (
        "features",
        folder,
        False,
        False,
    )
    assert item.n_bytes == 1000 + sum((folder / name).stat().st_size for name in (ORIGIN, SEAL))
    assert item.used_s == pytest.approx(time.time() - 3 * DAY_S, abs=60)
    assert item.origin == FEATURES.entry(1).origin


def test_kind_and_age_choose_together() -> None:
    old, new = (kept(FEATURES.entry(days), days=days) for days in (9, 1))
    pool = kept(POOL.entry(), days=9)
    assert paths(chosen(items())) == {old, new, pool}
    assert paths(chosen(items(), kind="features")) == {old, new}
    week = time.time() - 7 * DAY_S
    assert paths(chosen(items(), unused_since_s=week)) == {old, pool}
    assert paths(chosen(items(), unused_since_s=week, kind="pool")) == {pool}
    assert chosen(items(), kind="teacher") == ()
    with pytest.raises(SettingsError, match="no kind 'music' is kept; there are features, pool"):
        chosen(items(), kind="music")


def test_what_is_removed_is_gone_and_made_anew_when_it_is_asked_for() -> None:
    kept(FEATURES.entry(1))
    other = kept(FEATURES.entry(2))
    assert len(remove([item for item in items() if item.path != other])) == 1
    assert [path.name for path in (cache_root() / "features").iterdir()] == [other.name]
    assert (FEATURES.entry(1).made(make) / "content").is_file()


def test_other_code_other_versions_and_other_shelves_make_stale(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pool = POOL.entry()
    for entry in (pool, FEATURES.entry(pool), FEATURES.entry()):
        kept(entry)
    plugin = tmp_path / "mine_of_inventory.py"
    plugin.write_text("import sklearn\n")
    monkeypatch.syspath_prepend(tmp_path)
    kept(FEATURES.entry(by=["mine_of_inventory"]))

    def stale() -> list[str]:
        return [item.kind for item in items() if item.is_stale]

    assert stale() == []
    plugin.write_text("import sklearn, numpy\n")
    assert stale() == [], "nobody can tell what stands elsewhere"
    with monkeypatch.context() as patch:
        patch.setattr(inventory, "installed", lambda library: f"{code.installed(library)}.1")
        assert len(stale()) == 4
    with monkeypatch.context() as patch:
        real = code.installed
        patch.setattr(
            inventory, "installed", lambda name: "99" if name == "scikit-learn" else real(name)
        )
        assert len(stale()) == 1
    with monkeypatch.context() as patch:
        # the code of the pool: stale is what is made of it, too
        copy = tmp_path / "fedasc"
        shutil.copytree(sources.ROOT, copy)
        decoding = copy / "corpus" / "decoding.py"
        decoding.write_text(decoding.read_text() + "_FURTHER = 1\n")
        patch.setattr(sources, "ROOT", copy)
        assert len(stale()) == 2
    with monkeypatch.context() as patch:
        patch.setitem(shelves.SHELVES, "pool", Shelf(kind="pool", made_by=("fedasc.seeds",)))
        assert len(stale()) == 2
    with monkeypatch.context() as patch:
        patch.delitem(shelves.SHELVES, "features")
        assert len(stale()) == 3


@pytest.mark.parametrize("text", [None, "no JSON", "[]", "{}"])
def test_what_does_not_say_how_it_came_about_is_stale(text: str | None) -> None:
    folder = kept(FEATURES.entry())
    (folder / ORIGIN).unlink() if text is None else (folder / ORIGIN).write_text(text)
    assert [item.is_stale for item in items()] == [True]


def test_what_another_layout_had_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    kept(FEATURES.entry())
    assert [item.is_stale for item in items()] == [False]
    monkeypatch.setattr(inventory, "LAYOUT", 2)
    assert [item.is_stale for item in items()] == [True]


def test_worlds_go_with_their_pool_and_keep_it_young() -> None:
    pool = POOL.entry()
    world = WORLD.entry([pool])
    features = FEATURES.entry(pool)
    old = kept(pool, days=30), kept(features, days=30)
    kept(world, days=2)
    kept(WORLD.entry([POOL.entry("other")]), days=30)
    assert paths(chosen(items(), kind="pool")) == {pool.folder, world.folder}
    week = time.time() - 7 * DAY_S
    assert not {old[0], world.folder} & paths(chosen(items(), unused_since_s=week))
    assert old[1] in paths(chosen(items(), unused_since_s=week))


def test_what_stands_beside_the_shelves_goes_by_its_kind_only(cache: Path) -> None:
    digests, loops = cache / "contents" / "a.json", cache / "compiled" / "fedasc-1"
    digests.parent.mkdir(parents=True)
    digests.write_text("{}")
    loops.mkdir(parents=True)
    used(digests, 99)
    assert [(item.kind, item.n_bytes) for item in items()] == [("compiled", 0), ("contents", 2)]
    assert not any(item.is_stale for item in items())
    assert chosen(items(), unused_since_s=time.time()) == chosen(items(), stale=True) == ()
    remove(chosen(items(), kind="contents"))
    assert (digests.exists(), loops.exists()) == (False, True)


@pytest.mark.parametrize("in_steps", [False, True])
def test_what_is_being_made_is_never_removed(in_steps: bool) -> None:
    entry, started, go_on = POOL.entry(), Event(), Event()

    def slowly(folder: Path) -> None:
        make(folder)
        started.set()
        assert go_on.wait(20)

    thread = Thread(target=entry.made_in_steps if in_steps else entry.made, args=[slowly])
    thread.start()
    try:
        assert started.wait(20)
        (item,) = chosen(items(), kind="pool")
        assert item.is_draft
        assert remove([item]) == ()
        assert (item.path / "content").is_file()
    finally:
        go_on.set()
        thread.join()
    assert entry.is_made
    assert [item.is_draft for item in items()] == [False]


DIES = """
import os
from fedasc.shelves import POOL

def make(folder):
    (folder / "content").write_bytes(bytes(1000))
    os._exit(0)

POOL.entry().{method}(make)
"""


@pytest.mark.parametrize(("method", "goes_on"), [("made", False), ("made_in_steps", True)])
def test_what_a_dead_process_has_left_can_be_removed(method: str, goes_on: bool) -> None:
    subprocess.run([sys.executable, "-c", DIES.format(method=method)], check=True)
    (item,) = items()
    assert item.is_draft
    assert item.n_bytes > 1000
    assert item.is_stale != goes_on, "the next call goes on with what is made in steps"
    assert len(remove([item])) == 1
    assert items() == ()
    assert list((cache_root() / "pool").glob(".*.draft")) == []


def test_what_is_removed_takes_locks_along_that_nobody_holds(cache: Path) -> None:
    folder = kept(FEATURES.entry())
    lock = folder.with_name(f".{folder.name}.lock")
    lock.touch()
    used(lock, 1)
    remove(items())
    assert list((cache / "features").iterdir()) == []


def test_a_draft_is_as_old_as_its_last_file(cache: Path) -> None:
    subprocess.run([sys.executable, "-c", DIES.format(method="made_in_steps")], check=True)
    (draft,) = (cache / "pool").glob(".*.draft")
    used(draft, 30)
    assert items()[0].used_s == pytest.approx(time.time(), abs=60)


def test_a_cache_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept(FEATURES.entry())

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", "here")

    refused: Callable[..., None] = refuse
    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(SettingsError, match=r"here: can't be removed \(Permission denied\)"):
        remove(items())


def test_an_entry_says_what_it_is_to_people() -> None:
    text = (kept(FEATURES.entry({"a user": 1})) / ORIGIN).read_text()
    assert json.loads(text)["inputs"] == [{"a user": 1}]
    assert len(text.splitlines()) > 10
