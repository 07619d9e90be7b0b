"""What lies in the cache: of each kind how much, how old, and what nobody will ask for again."""

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

from filelock import Timeout

from fedasc.cache import LAYOUT, ORIGIN, CacheEntry
from fedasc.code import code_of, installed
from fedasc.config import as_json
from fedasc.drafts import DRAFT, draft_of, lock_of, sweep
from fedasc.errors import SettingsError
from fedasc.places import cache_root
from fedasc.shelves import BESIDE, LENT, SHELVES
from fedasc.sources import PACKAGE, top_of

_ENTRY = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that is kept, or what somebody has begun and perhaps left.

    Args:
        path: Where it lies.
        n_bytes: Size of its files, of borrowed clips the room that they take.
        used_s: When it was last asked for, or a draft worked on, in seconds since 1970.
        origin: How it came about; None if it doesn't say so.
    """

    path: Path
    n_bytes: int
    used_s: float
    origin: Mapping[str, Any] | None

    @property
    def kind(self) -> str:
        return self.path.parent.name

    @property
    def is_draft(self) -> bool:
        """Whether it isn't whole: in the making, or left by a process that was interrupted."""
        return self.path.name.startswith(".")

    @property
    def is_left(self) -> bool:
        """Whether it is a draft that nobody can go on with."""
        draft = DRAFT.fullmatch(self.path.name)
        return bool(draft and draft["alone"])

    @cached_property
    def is_stale(self) -> bool:
        """Whether today's code would never ask for it, or go on with it if it is a draft.

        It was made by other code or other versions, or of something that was. Of what other
        people's modules have made only the versions are looked at, and of what is no entry of a
        shelf nothing is.
        """
        if self.kind in BESIDE:
            return False
        origins = [*_origins_in(self.origin)]
        return self.is_left or not origins or any(map(_is_of_other_code, origins))


def inventory() -> tuple[Item, ...]:
    """All that the cache keeps; files that fedasc hasn't named so are not looked at."""
    root = cache_root()
    folders = [path for path in sorted(root.iterdir()) if path.is_dir()] if root.is_dir() else []
    items = [item for folder in folders for item in _items(folder)]
    used_s: dict[str, float] = {}
    for item in items:
        for key in _needed_by(item):
            used_s[key] = max(item.used_s, used_s.get(key, 0.0))
    return tuple(
        replace(item, used_s=max(item.used_s, used_s.get(item.path.name, 0.0))) for item in items
    )


def chosen(
    items: Sequence[Item],
    *,
    kind: str | None = None,
    unused_since_s: float | None = None,
    stale: bool = False,
) -> tuple[Item, ...]:
    """The items that all conditions hold for, and those that are of no use without them.

    What is no entry of a shelf is chosen by its kind only.

    Args:
        kind: Name of the only kind to choose from.
        unused_since_s: Only what wasn't used since then, in seconds since 1970.
        stale: Only what today's code would never ask for.

    Raises:
        SettingsError: If there is no such kind.
    """
    kinds = {item.kind for item in items}
    if kind is not None and kind not in kinds.union(SHELVES):
        raise SettingsError(f"no kind {kind!r} is kept; there are {', '.join(sorted(kinds))}")
    taken = {
        item.path.name
        for item in items
        if (item.kind == kind or (kind is None and item.kind not in BESIDE))
        and (unused_since_s is None or item.used_s < unused_since_s)
        and (not stale or item.is_stale)
    }
    return tuple(
        item for item in items if item.path.name in taken or not taken.isdisjoint(_needed_by(item))
    )


def remove(items: Iterable[Item]) -> tuple[Item, ...]:
    """Remove items but for those that somebody is making at this moment.

    Returns:
        Those that were removed.

    Raises:
        SettingsError: If the cache can't be written.
    """
    try:
        gone = tuple(item for item in items if _remove(item))
        for kind in {item.path.parent for item in gone if item.kind not in BESIDE}:
            sweep(kind)
        return gone
    except OSError as error:
        raise SettingsError(f"{error.filename}: can't be removed ({error.strerror})") from error


def _remove(item: Item) -> bool:
    path = item.path
    if item.kind in BESIDE:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        return True
    lock = lock_of(path if item.is_draft else draft_of(path, alone=False))
    lock_file = Path(lock.lock_file)
    may_be_awaited = lock_file.exists() and not item.is_left
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    try:
        if not item.is_draft:  # an entry disappears as a whole, too
            path = path.rename(draft_of(path, alone=True))
        shutil.rmtree(path)
    finally:
        lock.release()
        if not may_be_awaited:
            lock_file.unlink(missing_ok=True)
    return True


def _items(folder: Path) -> Iterator[Item]:
    for path in sorted(folder.iterdir()):
        name = path.name
        is_item = (
            not name.startswith(".")
            if folder.name in BESIDE
            else path.is_dir() and bool(_ENTRY.fullmatch(name) or DRAFT.fullmatch(name))
        )
        with suppress(FileNotFoundError):  # what is being finished or removed just now
            if is_item:
                yield _item(path)


def _item(path: Path) -> Item:
    used_s, n_bytes = path.stat().st_mtime, 0 if path.is_dir() else path.stat().st_size
    for folder, _, names in os.walk(path):
        for name in names:
            state = Path(folder, name).stat()
            room = 512 * state.st_blocks
            n_bytes += min(state.st_size, room) if path.parent.name == LENT else state.st_size
            if path.name.startswith("."):
                used_s = max(used_s, state.st_mtime)
    try:
        origin = json.loads((path / ORIGIN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        origin = None
    said = origin if isinstance(origin, dict) else None
    return Item(path=path, n_bytes=n_bytes, used_s=used_s, origin=said)


def _needed_by(item: Item) -> Iterator[str]:
    """Names of the entries whose folders are read when an item is used."""
    shelf = SHELVES.get(item.kind)
    for origin in _origins_in(item.origin) if shelf and shelf.needs else ():
        if shelf and origin["kind"] in shelf.needs:
            yield CacheEntry(origin).key


def _origins_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """How something came about, and all that it was made of."""
    if isinstance(value, Mapping):
        if {"kind", "made_by", "without", "by", "code", "inputs"} <= value.keys():
            yield value
        for part in value.values():
            yield from _origins_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _origins_in(part)


def _is_of_other_code(origin: Mapping[str, Any]) -> bool:
    shelf = SHELVES.get(origin["kind"])
    if shelf is None or as_json((LAYOUT, shelf.made_by, shelf.without)) != [
        origin.get("layout"),
        origin["made_by"],
        origin["without"],
    ]:
        return True
    if any(_version(name) != known for name, known in origin["code"]["versions"].items()):
        return True
    if any(top_of(module) != PACKAGE for module in origin["by"]):
        return False
    try:
        code = code_of([*origin["made_by"], *origin["by"]], without=origin["without"])
    except SettingsError:  # a module that is gone
        return True
    return code.digest != str(origin["code"]["digest"])


def _version(library: str) -> str:
    try:
        return installed(library)
    except PackageNotFoundError:
        return ""
