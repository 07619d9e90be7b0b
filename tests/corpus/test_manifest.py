import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fedasc.corpus.manifest import ManifestCorpus, read_manifest
from fedasc.corpus.recordings import LABELS, Recording
from fedasc.errors import CorpusError

HEAD = "path,label,type,group,domain,split"
GOOD = "a.wav,noise,rain,g1,nature,train"


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "manifest.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def with_sounds(folder: Path, *contents: bytes) -> ManifestCorpus:
    """A corpus of files of these contents."""
    for n, content in enumerate(contents):
        (folder / f"{n}.wav").write_bytes(content)
    lines = [f"{n}.wav,noise,rain,g{n}" for n in range(len(contents))]
    return read_manifest(written(folder, "path,label,type,group", *lines))


def test_each_line_is_a_recording(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, GOOD, "b.wav,music,jazz,g2,,", "c.wav,speech,read,g3")
    assert read_manifest(path).recordings == (
        Recording(
            path="a.wav", label="noise", type="rain", group="g1", domain="nature", split="train"
        ),
        Recording(path="b.wav", label="music", type="jazz", group="g2"),
        Recording(path="c.wav", label="speech", type="read", group="g3"),
    )


def test_columns_may_stand_in_any_order_and_optional_ones_be_absent(tmp_path: Path) -> None:
    path = written(tmp_path, "group,type,label,path", "g1,rain,noise,a.wav")
    (recording,) = read_manifest(path).recordings
    assert recording == Recording(path="a.wav", label="noise", type="rain", group="g1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_and_umlauts_are_no_obstacle(encoding: str, tmp_path: Path) -> None:
    lines = "path,label,type,group", "Möwe.wav,noise,gulls,Küste"
    (recording,) = read_manifest(written(tmp_path, *lines, encoding=encoding)).recordings
    assert (recording.path, recording.group) == ("Möwe.wav", "Küste")


def test_further_columns_pass_through(tmp_path: Path) -> None:
    path = written(tmp_path, "licence," + HEAD + ",source", "CC0," + GOOD + ",here,and,more")
    (recording,) = read_manifest(path).recordings
    assert recording.further == (("licence", "CC0"), ("source", "here"))


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none\.csv: no such manifest"):
        read_manifest(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "lacks the column"),
        ([HEAD], "no recordings"),
        (["path,type,group", "a.wav,rain,g1"], "lacks the column.* label;"),
        (["path;label;type;group", "a.wav;noise;rain;g1"], "lacks the column"),
    ],
)
def test_a_manifest_without_content_is_named(lines: list[str], reason: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=rf"manifest\.csv: .*{reason}"):
        read_manifest(written(tmp_path, *lines))


def test_a_manifest_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, "Möwe.wav,noise,gulls,g1", encoding="latin-1")
    with pytest.raises(CorpusError, match=r"manifest\.csv: .*UTF-8"):
        read_manifest(path)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (",noise,rain,g2", "path is empty"),
        ("b.wav,,rain,g2", "label is empty"),
        ("b.wav,noise,,g2", "type is empty"),
        ("b.wav,noise,rain", "group is empty"),
        ("b.wav,nois,rain,g2", f"unknown label 'nois'; use one of {', '.join(LABELS)}"),
        ("b.wav,noise,rain,g2,nature,test", "unknown split 'test'; use one of train"),
        ("b.wav,noise,rain,g1,nature,evaluation", "'g1' stands in more than one split"),
        ("b.wav,noise,rain,g1,nature,", "'g1' stands in more than one split"),
        ("a.wav,noise,rain,g2", "lists a.wav twice"),
    ],
)
def test_a_wrong_line_is_named(bad: str, reason: str, tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, GOOD, bad, "c.wav,speech,read,g3")
    with pytest.raises(CorpusError, match=reason) as caught:
        read_manifest(path)
    assert f"{path}, line 3" in str(caught.value)


@pytest.mark.parametrize("between", [["", ""], ['b.wav,noise,rain,"g', 'h"']])
def test_the_number_is_that_of_the_line_in_the_file(between: list[str], tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, GOOD, *between, "c.wav,nois,rain,g3")
    with pytest.raises(CorpusError, match=r"manifest\.csv, line 5: "):
        read_manifest(path)


def test_recordings_are_read_from_beside_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    ramp = np.linspace(-1, 1, 1000)
    soundfile.write(tmp_path / "sounds" / "a.wav", ramp, 16_000, subtype="FLOAT")
    corpus = read_manifest(written(tmp_path, "path,label,type,group", "sounds/a.wav,noise,x,g"))
    np.testing.assert_allclose(corpus.read(0), ramp, atol=1e-6)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(corpus)).read(0), corpus.read(0))
    assert corpus.name == str(tmp_path / "manifest.csv")


def test_the_fingerprint_follows_the_content_and_not_the_place(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("one", "other")]
    for place in places:
        place.mkdir()
    one, other = (with_sounds(place, b"sound", b"bell").fingerprint() for place in places)
    assert one == other


@pytest.mark.parametrize(
    "changed",
    [(b"sound", b"bull"), (b"soun", b"dbell"), (b"bell", b"sound"), (b"sound", b"bell", b"")],
)
def test_the_fingerprint_tells_other_content_apart(
    changed: tuple[bytes, ...], tmp_path: Path
) -> None:
    before = with_sounds(tmp_path, b"sound", b"bell").fingerprint()
    assert with_sounds(tmp_path, *changed).fingerprint() != before


def test_the_fingerprint_tells_a_missing_recording(tmp_path: Path) -> None:
    corpus = with_sounds(tmp_path, b"sound")
    before = corpus.fingerprint()
    (tmp_path / "0.wav").unlink()
    assert read_manifest(corpus.manifest).fingerprint() != before
