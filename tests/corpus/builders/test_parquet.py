import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from fedasc.corpus.builders.parquet import Row, unpack
from fedasc.errors import CorpusError

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def sound(kind: str = "FLAC", *, n_samples: int = 64) -> bytes:
    content = io.BytesIO()
    soundfile.write(content, np.zeros(n_samples), 16_000, format=kind)
    return content.getvalue()


def embedded(content: bytes | None, path: str | None = None) -> dict[str, Any]:
    return {"bytes": content, "path": path}


def written(path: Path, **columns: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.table(columns), path)
    return path


def test_audio_is_written_unchanged_beside_its_file(tmp_path: Path) -> None:
    written(tmp_path / "data" / "01.parquet", audio=[embedded(sound(), "x/b.flac")], n=[2])
    written(tmp_path / "data" / "00.parquet", audio=[embedded(sound("WAV"), "a.wav")], n=[1])
    (tmp_path / "data" / "._00.parquet").write_bytes(b"left by a Mac")
    assert list(unpack(tmp_path)) == [
        Row("data/00/a.wav", {"n": 1}),
        Row("data/01/b.flac", {"n": 2}),
    ]
    assert (tmp_path / "data/00/a.wav").read_bytes() == sound("WAV")
    assert (tmp_path / "data/01/b.flac").read_bytes() == sound()


def test_the_audio_may_stand_in_another_column(tmp_path: Path) -> None:
    written(tmp_path / "0.parquet", clip=[embedded(sound(), "a.flac")])
    assert list(unpack(tmp_path, audio_column="clip")) == [Row("0/a.flac", {})]


@pytest.mark.parametrize(
    ("video_id", "path", "name"),
    [
        ("-abc", "x/b.flac", "-abc.flac"),
        (None, "x/b.FLAC", "b.flac"),
        (None, None, "000000.flac"),
        (None, "..", "000000.flac"),
        (None, "../../b.flac", "b.flac"),
        (None, "..\\b.flac", "b.flac"),
        ("../b", None, "_b.flac"),
        (None, "a b:c.flac", "a_b_c.flac"),
    ],
)
def test_the_name_is_what_the_row_knows(
    video_id: str | None, path: str | None, name: str, tmp_path: Path
) -> None:
    written(tmp_path / "d" / "0.parquet", audio=[embedded(sound(), path)], video_id=[video_id])
    (row,) = unpack(tmp_path)
    assert row.path == f"d/0/{name}"
    assert (tmp_path / row.path).read_bytes() == sound()


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (sound("WAV"), ".wav"),
        (sound("FLAC"), ".flac"),
        (sound("OGG"), ".ogg"),
        (sound("MP3"), ".mp3"),
        (b"ID3\x04", ".mp3"),
        (b"\0\0\0\x20ftypM4A ", ".m4a"),
        (b"\x1aE\xdf\xa3", ".webm"),
        (b"else", ""),
    ],
)
def test_a_name_without_suffix_gets_that_of_the_content(
    content: bytes, suffix: str, tmp_path: Path
) -> None:
    written(tmp_path / "0.parquet", audio=[embedded(content, "a")])
    assert [row.path for row in unpack(tmp_path)] == [f"0/a{suffix}"]


def test_no_row_overwrites_another(tmp_path: Path) -> None:
    names = ["a", "a-000003", "A", "a", "a"]
    contents = [sound(n_samples=n) for n in range(1, 6)]
    audio = [
        embedded(content, f"{n}/{name}.flac")
        for n, (content, name) in enumerate(zip(contents, names, strict=True))
    ]
    written(tmp_path / "0.parquet", audio=audio)
    paths = [row.path or "" for row in unpack(tmp_path)]
    assert [(tmp_path / path).read_bytes() for path in paths] == contents
    assert len({path.casefold() for path in paths}) == len(names)


def test_a_row_without_audio_has_no_path(tmp_path: Path) -> None:
    audio = [embedded(None, "a.wav"), None, embedded(b"", "c.wav"), embedded(sound(), "d.flac")]
    written(tmp_path / "0.parquet", audio=audio)
    assert [row.path for row in unpack(tmp_path)] == [None, None, None, "0/d.flac"]


def test_what_is_there_whole_is_kept_and_what_is_not_is_written_anew(tmp_path: Path) -> None:
    audio = [embedded(sound(n_samples=n), f"{n}.flac") for n in (1, 2, 3)]
    written(tmp_path / "0.parquet", audio=audio)
    rows = unpack(tmp_path)
    next(rows), next(rows)
    whole, half, missing = (tmp_path / "0" / f"{n}.flac" for n in (1, 2, 3))
    assert not missing.exists()
    kept = b"x" * len(sound(n_samples=1))
    whole.write_bytes(kept)
    half.write_bytes(sound(n_samples=2)[:-1])
    assert len(list(unpack(tmp_path))) == 3
    assert [path.read_bytes() for path in (whole, half, missing)] == [
        kept,
        sound(n_samples=2),
        sound(n_samples=3),
    ]
    assert len(list((tmp_path / "0").iterdir())) == 3


def test_more_rows_than_a_batch_come_in_order(tmp_path: Path) -> None:
    written(tmp_path / "0.parquet", audio=[embedded(b"x", f"{n}.wav") for n in range(40)])
    assert [row.path for row in unpack(tmp_path)] == [f"0/{n}.wav" for n in range(40)]


def test_a_folder_without_parquet_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no Parquet files"):
        unpack(tmp_path)


@pytest.mark.parametrize("columns", [{"sound": [embedded(b"x")]}, {"audio": [b"x"]}])
def test_a_file_without_the_column_is_refused(columns: dict[str, Any], tmp_path: Path) -> None:
    written(tmp_path / "0.parquet", **columns)
    with pytest.raises(CorpusError, match=r"0\.parquet: expected a column 'audio' .*, got "):
        list(unpack(tmp_path))


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "0.parquet", audio=[embedded(sound())])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CorpusError, match=r"0\.parquet: not a readable Parquet file"):
        list(unpack(tmp_path))


def test_without_pyarrow_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "0.parquet", audio=[embedded(sound())])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CorpusError, match=r"pip install 'fedasc\[hf\]'"):
        unpack(tmp_path)
