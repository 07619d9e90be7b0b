"""Clips of another machine, which here is a folder that moves away."""

import os
import pickle
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.corpus.borrowed import BorrowedClips
from fedasc.corpus.clips import CLIP_BYTES, ClipFile, ClipShelf
from fedasc.errors import CacheError, StorageError
from fedasc.inventory import chosen, inventory


@dataclass(frozen=True)
class Elsewhere:
    """The other machine, and what it was asked for."""

    file: ClipFile
    asked: list[list[int]] = field(default_factory=list)

    def __call__(self, file: ClipFile, indices: Sequence[int]) -> NDArray[np.int16]:
        self.asked.append([*indices])
        return np.stack([self.file.stored(index) for index in indices])


@pytest.fixture
def elsewhere(clips: ClipFile, tmp_path: Path) -> Elsewhere:
    folder = tmp_path / "elsewhere" / "pool" / "key"
    shutil.copytree(clips.path.parent, folder)
    return Elsewhere(ClipFile(folder / clips.path.name, clips.n_clips))


def borrowed(elsewhere: Elsewhere) -> BorrowedClips:
    """The clips as another process gets them that can't see the file."""
    unseen = ClipFile(Path("/nowhere/pool/key/samples.i16"), elsewhere.file.n_clips)
    return BorrowedClips(unseen, elsewhere.file.checksums, elsewhere)


def kept(cache: Path) -> Path:
    (path,) = cache.glob("lent/*/samples.i16")
    return path


def test_a_clip_is_asked_for_once_on_a_machine(elsewhere: Elsewhere, clips: ClipFile) -> None:
    for _ in range(2):  # processes
        lent = borrowed(elsewhere)
        for index in (7, 3, 7):
            assert lent.stored(index).tobytes() == clips.stored(index).tobytes()
            assert not lent.stored(index).flags.writeable
        assert lent.read(3).tobytes() == clips.read(3).tobytes()
    assert elsewhere.asked == [[7], [3]]


def test_clips_that_are_needed_together_come_together(
    elsewhere: Elsewhere, clips: ClipFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fedasc.corpus.borrowed._AT_ONCE", 3)
    shelf = ClipShelf((ClipFile(clips.path, clips.n_clips), borrowed(elsewhere)))
    shelf.stored(clips.n_clips + 4)
    shelf.bring([0, *(clips.n_clips + place for place in (9, 2, 4, 2, 6, 5))])
    assert elsewhere.asked == [[4], [2, 5, 6], [9]]
    assert shelf.stored(clips.n_clips + 9).tobytes() == clips.stored(9).tobytes()
    assert elsewhere.asked == [[4], [2, 5, 6], [9]]


def test_processes_that_want_a_clip_at_a_time_ask_once(elsewhere: Elsewhere) -> None:
    begin = threading.Barrier(4)

    def work(lent: BorrowedClips) -> None:
        begin.wait()
        lent.bring(range(8))

    threads = [threading.Thread(target=work, args=[borrowed(elsewhere)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert elsewhere.asked == [[*range(8)]]


def test_what_is_damaged_is_asked_for_anew(
    elsewhere: Elsewhere, clips: ClipFile, cache: Path
) -> None:
    borrowed(elsewhere).bring([3, 4])
    with kept(cache).open("r+b") as file:
        file.seek(3 * CLIP_BYTES + 5)
        file.write(b"\xff")
    lent = borrowed(elsewhere)
    for index in (3, 4):
        assert lent.stored(index).tobytes() == clips.stored(index).tobytes()
    assert elsewhere.asked == [[3, 4], [3]]
    kept(cache).write_bytes(b"")
    assert borrowed(elsewhere).stored(4).tobytes() == clips.stored(4).tobytes()


def test_clips_take_room_only_once_they_are_here(elsewhere: Elsewhere, cache: Path) -> None:
    borrowed(elsewhere).bring([elsewhere.file.n_clips - 1])
    assert kept(cache).stat().st_size == elsewhere.file.n_clips * CLIP_BYTES
    (item,) = inventory()
    assert item.kind == "lent"
    assert CLIP_BYTES <= item.n_bytes < 3 * CLIP_BYTES
    assert chosen([item], kind="lent") == (item,)


def test_what_comes_otherwise_than_it_was_is_refused(elsewhere: Elsewhere) -> None:
    def wrong(file: ClipFile, indices: Sequence[int]) -> NDArray[np.int16]:
        return elsewhere(file, indices) + np.int16(1)

    lent = BorrowedClips(borrowed(elsewhere).file, elsewhere.file.checksums, wrong)
    with pytest.raises(CacheError, match="clip 3 came otherwise than it was"):
        lent.stored(3)


def test_nothing_is_asked_for_where_the_file_is_seen(elsewhere: Elsewhere, cache: Path) -> None:
    file = elsewhere.file
    seen = BorrowedClips(file, file.checksums, elsewhere)
    seen.bring([3])
    assert seen.stored(3).tobytes() == file.stored(3).tobytes()
    shutil.copytree(file.path.parent, cache / "pool" / "key")  # decoded on this machine, too
    assert borrowed(elsewhere).stored(5).tobytes() == file.stored(5).tobytes()
    assert not elsewhere.asked
    assert not (cache / "lent").exists()


def test_another_corpus_at_the_same_place_is_not_taken_for_it(
    elsewhere: Elsewhere, clips: ClipFile, cache: Path
) -> None:
    other = cache / "pool" / "key"
    shutil.copytree(elsewhere.file.path.parent, other)
    numbers = np.fromfile(other / "checksums.u32", "<u4")
    (numbers + 1).astype("<u4").tofile(other / "checksums.u32")
    assert borrowed(elsewhere).stored(5).tobytes() == clips.stored(5).tobytes()
    assert elsewhere.asked == [[5]]


def test_a_full_disk_is_told(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    room = iter([CLIP_BYTES - 1_000])
    pwrite = os.pwrite

    def full(file: int, content: bytes, offset: int) -> int:
        if n_bytes := next(room, 0):
            return pwrite(file, content[:n_bytes], offset)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.pwrite", full)
    with pytest.raises(StorageError, match="the disk is full"):
        borrowed(elsewhere).stored(3)


def nothing(file: ClipFile, indices: Sequence[int]) -> NDArray[np.int16]:
    raise AssertionError


def test_they_travel_on_without_what_was_opened(clips: ClipFile) -> None:
    lent = BorrowedClips(clips, clips.checksums, nothing)
    lent.stored(3)
    assert len(pickle.dumps(lent)) < 1_000
    assert pickle.loads(pickle.dumps(lent)).stored(3).tobytes() == clips.stored(3).tobytes()
