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
        (None, "a.fl\0c", "a.fl_c.flac"),
        (None, "no. 1 in the rain", "no._1_in_the_rain.flac"),
        (None, "Möwe\r.flac", "Möwe_.flac"),
        (None, f"{'ö' * 120}.flac", f"{'ö' * 100}.flac"),
        (None, "x" * 300, f"{'x' * 200}.flac"),
        (7, None, "7.flac"),
    ],
)
def test_the_name_is_what_the_row_knows(
    video_id: str | int | None, path: str | None, name: str, tmp_path: Path
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


def test_rows_of_long_names_do_not_overwrite_each_other(tmp_path: Path) -> None:
    contents = [sound(n_samples=n) for n in (1, 2)]
    audio = [embedded(content, f"{'x' * 250}{n}.wav") for n, content in enumerate(contents)]
    written(tmp_path / "0.parquet", audio=audio)
    rows = list(unpack(tmp_path))
    assert [(tmp_path / (row.path or "")).read_bytes() for row in rows] == contents


@pytest.mark.parametrize("kind", ["binary", "large_binary", "binary_view"])
def test_audio_may_be_bytes_alone(kind: str, tmp_path: Path) -> None:
    column = pyarrow.array([sound("WAV"), None], getattr(pyarrow, kind)())
    parquet.write_table(pyarrow.table({"audio": column, "n": [1, 2]}), tmp_path / "0.parquet")
    assert list(unpack(tmp_path)) == [Row("0/000000.wav", {"n": 1}), Row(None, {"n": 2})]
    assert (tmp_path / "0/000000.wav").read_bytes() == sound("WAV")


@pytest.mark.parametrize("is_text", [False, True])
def test_audio_may_lie_where_its_path_says(is_text: bool, tmp_path: Path) -> None:
    places = ["data/a.wav", "data/b.wav", "outside.wav"]
    for place in places:
        (tmp_path / "root" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / place).touch()
    (tmp_path / "root" / "outside.wav").replace(tmp_path / "outside.wav")
    called = [
        "a.wav",
        "data/b.wav",
        f"{tmp_path}/root/data/a.wav",
        "c.wav",
        "data",
        "x\0",
        "y" * 300,
    ]
    called += ["../../outside.wav", f"{tmp_path}/outside.wav"]
    audio = called if is_text else [embedded(None, path) for path in called]
    written(tmp_path / "root" / "data" / "0.parquet", audio=audio)
    paths = [row.path for row in unpack(tmp_path / "root")]
    assert paths == ["data/a.wav", "data/b.wav", "data/a.wav", *[None] * 6]


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    written(tmp_path / "0.parquet", audio=[embedded(sound(), "a.wav")], n=[1], m=[2])
    assert list(unpack(tmp_path, columns=["m"])) == [Row("0/a.wav", {"m": 2})]
    with pytest.raises(CorpusError, match=r"0\.parquet: no 'k' in a row; its columns are n, m"):
        list(unpack(tmp_path, columns=["m", "k"]))


def test_texts_may_be_numbered_by_the_file_itself(tmp_path: Path) -> None:
    for n, kind in enumerate((pyarrow.string(), pyarrow.large_string())):
        texts = pyarrow.array(["b", "a", None, "b"], kind).dictionary_encode()
        audio = [embedded(sound(), f"{n}.flac") for n in range(4)]
        table = pyarrow.table({"audio": audio, "type": texts})
        parquet.write_table(table, tmp_path / f"{n}.parquet")
    assert [row.columns["type"] for row in unpack(tmp_path)] == ["b", "a", None, "b"] * 2


def test_memory_holds_a_row_group_at_a_time(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes(1 << 20)
    table = pyarrow.table({"audio": [embedded(noise, f"{n}.wav") for n in range(16)]})
    parquet.write_table(table, tmp_path / "0.parquet", row_group_size=1)
    del table
    before = pyarrow.total_allocated_bytes()
    held = [pyarrow.total_allocated_bytes() - before for _ in unpack(tmp_path)]
    assert max(held) < 6 << 20


def test_files_below_linked_folders_are_found_once(tmp_path: Path) -> None:
    written(tmp_path / "elsewhere" / "0.parquet", audio=[embedded(sound(), "a.flac")])
    root = tmp_path / "root"
    root.mkdir()
    (root / "data").symlink_to(tmp_path / "elsewhere")
    (root / "again").symlink_to(root)
    assert [row.path for row in unpack(root)] == ["data/0/a.flac"]


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


@pytest.mark.parametrize("columns", [{"sound": [embedded(b"x")]}, {"audio": [[0.1, 0.2]]}])
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
