import errno
from pathlib import Path

import numpy as np
import pytest

from fedasc.cache import CacheEntry, Shelf
from fedasc.errors import RunError, SettingsError, StorageError
from fedasc.storage import told
from tests.disks import small_files


def fail(error: OSError, place: Path | None = None) -> None:
    with told(place):
        raise error


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_told_by_its_place_and_may_be_mended(number: int) -> None:
    assert issubclass(StorageError, RunError)
    with pytest.raises(StorageError, match=r"^/results: the disk is full; make room"):
        fail(OSError(number, "?"), Path("/results"))
    with pytest.raises(StorageError, match=r"^/file: the disk is full"):
        fail(OSError(number, "?", "/file"))


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOTDIR])
def test_a_place_that_cannot_be_used_is_named_with_the_reason(number: int) -> None:
    with pytest.raises(SettingsError, match=r"^/file: can't be used \(why\); take another"):
        fail(OSError(number, "why", "/file"), Path("/results"))


def test_a_folder_for_temporary_files_that_is_missing_is_told() -> None:
    with pytest.raises(SettingsError, match="set TMPDIR"):
        fail(FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/a']"))


def test_a_defect_is_not_hidden() -> None:
    with pytest.raises(FileNotFoundError):
        fail(FileNotFoundError(errno.ENOENT, "?", "/file"))


def test_numpy_says_in_words_of_its_own_that_a_disk_is_full(tmp_path: Path) -> None:
    with small_files(1000), pytest.raises(StorageError), told():
        np.save(tmp_path / "a.npy", np.zeros(10_000))


def test_a_cache_without_room_is_named_and_goes_on_once_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "cache"))
    shelf = Shelf(kind="tests", made_by=("fedasc.errors",))

    def make(folder: Path) -> None:
        np.savez(folder / "a.npz", a=np.zeros(10_000))

    for way in (CacheEntry.made, CacheEntry.made_in_steps):
        entry = shelf.entry(way.__name__)
        with small_files(5_000), pytest.raises(StorageError, match=r"^/.*/cache: the disk is full"):
            way(entry, make)
        assert not entry.is_made
        assert (way(entry, make) / "a.npz").is_file()
