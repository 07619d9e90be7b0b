import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from fedasc.corpus.contents import contents_digest


def written(folder: Path, *contents: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{n}.wav" for n in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content)
    return paths


def digest(paths: Sequence[Path], owner: str = "manifest.csv") -> str:
    return contents_digest(paths, owner=paths[0].parent / owner)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were read."""
    names: list[str] = []
    read_bytes = Path.read_bytes

    def noted(path: Path) -> bytes:
        names.append(path.name)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", noted)
    return names


def change(path: Path, content: str, *, later_ns: int = 0) -> None:
    """Other content at the old time of change, or a little later."""
    state = path.stat()
    path.write_text(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + later_ns))


def test_the_digest_follows_the_content_and_not_the_place(tmp_path: Path) -> None:
    here, there = (digest(written(tmp_path / name, "bell", "rain")) for name in ("a", "b"))
    assert here == there


@pytest.mark.parametrize(
    "other", [("bell", "wind"), ("rain", "bell"), ("bellr", "ain"), ("bell",), ("bell", "rain", "")]
)
def test_other_content_has_another_digest(other: tuple[str, ...], tmp_path: Path) -> None:
    assert digest(written(tmp_path / "a", "bell", "rain")) != digest(
        written(tmp_path / "b", *other)
    )


def test_unchanged_files_are_not_read_again(tmp_path: Path, reads: list[str]) -> None:
    paths = written(tmp_path / "a", "bell", "rain", "wind")
    first = digest(paths)
    assert reads == ["0.wav", "1.wav", "2.wav"]
    assert digest(paths) == first
    assert len(reads) == 3
    change(paths[1], "hail")
    assert digest(paths) == first


@pytest.mark.parametrize(("content", "later_ns"), [("hail", 1_000_000), ("thunder", 0)])
def test_a_file_of_another_time_or_size_is_read_again_alone(
    content: str, later_ns: int, tmp_path: Path, reads: list[str]
) -> None:
    paths = written(tmp_path / "a", "bell", "rain", "wind")
    before = digest(paths)
    change(paths[1], content, later_ns=later_ns)
    after = digest(paths)
    assert reads[3:] == ["1.wav"]
    assert after == digest(written(tmp_path / "b", "bell", content, "wind"))
    assert after != before
    assert digest(paths) == after
    assert reads.count("1.wav") == 3


def test_a_file_only_touched_keeps_the_digest(tmp_path: Path, reads: list[str]) -> None:
    paths = written(tmp_path / "a", "bell")
    before = digest(paths)
    change(paths[0], "bell", later_ns=1_000_000)
    assert digest(paths) == before
    assert len(reads) == 2


def test_a_missing_file_counts_as_a_content_of_its_own(tmp_path: Path) -> None:
    paths = written(tmp_path / "a", "bell", "rain")
    whole = digest(paths)
    paths[1].unlink()
    lacking = digest(paths)
    assert (
        len({whole, lacking, digest(paths[:1]), digest(written(tmp_path / "b", "bell", ""))}) == 4
    )
    written(tmp_path / "a", "bell", "rain")
    assert digest(paths) == whole


def test_a_pipe_is_not_opened_and_what_cannot_be_read_counts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = written(tmp_path / "a", "bell", "rain")
    whole = digest(paths)
    paths[1].unlink()
    missing = digest(paths)
    os.mkfifo(paths[1])
    assert digest(paths) == missing
    paths[1].unlink()
    paths[1].write_text("rain")

    def refused(path: Path) -> bytes:
        raise PermissionError(path)

    with monkeypatch.context() as context:
        context.setattr(Path, "read_bytes", refused)
        assert digest(paths) == missing
    assert digest(paths) == whole
    too_long = [paths[0], tmp_path / ("x" * 300)]
    assert digest(too_long) == missing


def test_each_owner_has_a_memory_of_its_own(tmp_path: Path, reads: list[str]) -> None:
    paths = written(tmp_path / "a", "bell")
    assert digest(paths, "one.csv") == digest(paths, "other.csv")
    assert len(reads) == 2
    digest(written(tmp_path / "b", "rain"), "one.csv")
    reads.clear()
    digest(paths, "one.csv")
    assert reads == []


def test_the_memory_forgets_files_that_are_no_longer_listed(
    tmp_path: Path, cache: Path, reads: list[str]
) -> None:
    paths = written(tmp_path / "a", "bell", "rain")
    digest(paths)
    digest(paths[:1])
    (memory,) = (cache / "contents").iterdir()
    assert "0.wav" in memory.read_text()
    assert "1.wav" not in memory.read_text()


def test_a_damaged_memory_is_made_anew(
    tmp_path: Path, cache: Path, reads: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    paths = written(tmp_path / "a", "bell")
    whole = digest(paths)
    (memory,) = (cache / "contents").iterdir()
    for content in (memory.read_bytes().replace(b"0.wav", b"1.wav"), b"", b"{}"):
        memory.write_bytes(content)
        reads.clear()
        caplog.clear()
        assert digest(paths) == whole
        assert reads == ["0.wav"]
        assert f"{memory}: damaged" in caplog.text
