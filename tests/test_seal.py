import os
from pathlib import Path

import numpy as np
import pytest

from fedasc.seal import SEAL, content_of, damage, seal, signed, state_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sealed, with a file in a folder of its own, and one of which only the size is."""
    for name, content in (("a", b"content"), ("within/b", b"more"), ("large", bytes(1000))):
        path = tmp_path / "made" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    seal(tmp_path / "made", pieces=["large"])
    return tmp_path / "made"


def flip(path: Path, bit: int) -> None:
    """Flip a bit as a disk does, which tells nobody."""
    content, state = bytearray(path.read_bytes()), path.stat()
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def test_what_is_as_it_was_made_is_whole(folder: Path) -> None:
    assert damage(folder) == ""
    (folder / "notes of a friend").touch()
    assert damage(folder) == ""


@pytest.mark.parametrize("name", ["a", "within/b", SEAL])
def test_every_flipped_bit_is_told(name: str, folder: Path) -> None:
    path = folder / name
    for bit in range(8 * path.stat().st_size):
        flip(path, bit)
        assert damage(folder)
        flip(path, bit)
    assert damage(folder) == ""


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a", None, "a can't be read: No such file"),
        ("within/b", b"mor", "within/b has another size"),
        ("a", b"Content", "a has changed"),
        ("large", bytes(999), "large has another size"),
        (SEAL, None, "has no seal"),
        (SEAL, b"", "its seal can't be read"),
    ],
)
def test_damage_is_named(name: str, content: bytes | None, told: str, folder: Path) -> None:
    (folder / name).unlink() if content is None else (folder / name).write_bytes(content)
    assert damage(folder).startswith(told)


def test_a_state_is_another_when_a_file_was_written(folder: Path) -> None:
    state = state_of(folder)
    assert state == state_of(folder)
    (folder / "a").write_bytes(b"content")
    assert state != state_of(folder)
    assert state_of(folder / "nowhere") == ()


@pytest.mark.parametrize("cut", [0, 1, 8, 9, -1])
def test_a_signed_line_says_what_it_was_told_or_nothing(cut: int) -> None:
    line = signed({"a": [1, 0.1, "ö"]})
    assert content_of(line) == {"a": [1, 0.1, "ö"]}
    with pytest.raises(ValueError, match="damaged"):
        content_of(line[:cut])
    for bit in np.random.default_rng(cut + 1).integers(8 * len(line), size=20):
        flipped = bytearray(line)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ValueError, match="damaged"):
            content_of(bytes(flipped))
