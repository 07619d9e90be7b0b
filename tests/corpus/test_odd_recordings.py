"""What people have that isn't as it should be, each with what must come of it."""

import json
import os
import socket
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fedasc.corpus.builders.audioset import build_audioset
from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.esc50 import build_esc50
from fedasc.corpus.builders.folders import build_folders
from fedasc.corpus.builders.hugging_face import build_hugging_face
from fedasc.corpus.builders.ontology import IMPURE_NOISE
from fedasc.corpus.manifest import read_manifest, write_manifest
from fedasc.corpus.pool import Pool, open_pool
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError
from tests.corpus.containers import (
    encoded,
    flac_total,
    lossy,
    mp3_frames,
    ogg_page,
    ogg_pages,
)
from tests.corpus.siren import AMPLITUDE, fault, siren
from tests.corpus.table_variations import VOCABULARY, ontology

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

pytestmark = pytest.mark.usefixtures("timely")

RATE_HZ = 16_000
LEVEL_DBFS = 20 * np.log10(AMPLITUDE / np.sqrt(2))
PLACE = Path("noise", "wind", "garden")
SOUND = encoded(siren(0.0, 6.0), RATE_HZ, "WAV")
VARIABLE = {"bitrate_mode": "VARIABLE", "compression_level": 0.5}


def pool_of(root: Path, contents: Mapping[str, bytes]) -> Pool:
    """The clips of a folder of files, all of wind in a garden, beside two ordinary ones."""
    (root / PLACE).mkdir(parents=True, exist_ok=True)
    for number in range(2):
        good = lossy((0.0, 12.0), RATE_HZ, "WAV", subtype="PCM_16")
        (root / PLACE / f"good_{number}.wav").write_bytes(good)
    for name, content in contents.items():
        (root / PLACE / name).write_bytes(content)
    built = build_folders(root)
    write_manifest(root / "manifest.csv", built.recordings, root=root)
    pool = open_pool([read_manifest(root / "manifest.csv")])
    n_clips = clips_by_name(pool)
    assert (n_clips["good_0.wav"], n_clips["good_1.wav"]) == (1, 1)
    return pool


def clips_by_name(pool: Pool) -> Counter[str]:
    return Counter(Path(recording.path).name for recording in pool.recordings)


def unknown_length() -> bytes:
    return flac_total(lossy((0.0, 12.0), RATE_HZ, "FLAC", subtype="PCM_16"), 0)


def chained(subtype: str) -> bytes:
    links = []
    for number, start_s in enumerate((0.0, 60.0)):
        pages = ogg_pages(lossy((start_s, 12.0), RATE_HZ, "OGG", subtype=subtype))
        serial = struct.pack("<I", number)
        links += [ogg_page(page[:14] + serial + page[18:]) for page in pages]
    return b"".join(links)


def joined() -> bytes:
    return b"".join(lossy((s, 12.0), RATE_HZ, "MP3", **VARIABLE) for s in (0.0, 60.0))


def no_index() -> bytes:
    return b"".join(mp3_frames(lossy((0.0, 60.0), RATE_HZ, "MP3", **VARIABLE))[1:])


@pytest.mark.parametrize(
    ("name", "content", "plays"),
    [
        ("unknown_length.flac", unknown_length, [(0.0, 12.0)]),
        ("chained.ogg", lambda: chained("VORBIS"), [(0.0, 12.0), (60.0, 12.0)]),
        ("chained.opus", lambda: chained("OPUS"), [(0.0, 12.0), (60.0, 12.0)]),
        ("joined.mp3", joined, [(0.0, 12.0), (60.0, 12.0)]),
        ("no_index.mp3", no_index, [(0.0, 60.0)]),
    ],
)
def test_a_file_is_heard_to_the_end_whatever_its_header_says(
    name: str, content: Any, plays: Sequence[tuple[float, float]], tmp_path: Path
) -> None:
    pool = pool_of(tmp_path, {name: content()})
    n_clips = int(sum(seconds for _, seconds in plays) // 10)
    assert clips_by_name(pool)[name] == n_clips
    assert not pool.unusable
    places = [k for k, r in enumerate(pool.recordings) if Path(r.path).name == name]
    signal = np.concatenate([pool.clips.read(k) for k in places])
    last_s = 10 * n_clips - sum(seconds for _, seconds in plays[:-1])
    heard = [*plays[:-1], (plays[-1][0], last_s)]
    assert fault(signal, heard, gain=1.0, slack_s=0.15) == ""


def test_a_length_that_lies_costs_nobody_else(tmp_path: Path) -> None:
    content = flac_total(lossy((0.0, 12.0), RATE_HZ, "FLAC", subtype="PCM_16"), 2**36 - 1)
    pool = pool_of(tmp_path, {"liar.flac": content})
    named = [reason for name, reason in pool.unusable if name.endswith("liar.flac")]
    assert clips_by_name(pool)["liar.flac"] == 1 or (named and named[0])


def test_files_put_together_in_a_format_that_knows_no_such_thing_are_named(tmp_path: Path) -> None:
    parts = [lossy((start_s, 12.0), RATE_HZ, "FLAC", subtype="PCM_16") for start_s in (0.0, 60.0)]
    pool = pool_of(tmp_path, {"two.flac": b"".join(parts)})
    assert "several FLAC files in one" in dict(pool.unusable)[str(PLACE / "two.flac")]


def test_a_file_that_was_cut_off_at_its_beginning_is_not_said_to_be_missing(tmp_path: Path) -> None:
    content = lossy((0.0, 12.0), RATE_HZ, "MP3", **VARIABLE)[:300]
    pool = pool_of(tmp_path, {"cut.mp3": content})
    reason = dict(pool.unusable)[str(PLACE / "cut.mp3")]
    assert reason == ("not a readable audio file (too little of it, or no format that is known)")


@pytest.mark.parametrize("what", ["pipe", "socket", "device"])
def test_what_is_no_file_is_left_out_unopened(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / PLACE).mkdir(parents=True)
    odd = tmp_path / PLACE / "odd.wav"
    if what == "pipe":
        os.mkfifo(odd)
    elif what == "socket":
        monkeypatch.chdir(odd.parent)  # a socket's name must be short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(odd.name)
    else:
        odd.symlink_to("/dev/zero")
    pool_of(tmp_path, {})
    name = str(PLACE / "odd.wav")
    listed = [
        Recording(path=str(PLACE / path), label="noise", type="wind", group=path)
        for path in ("good_0.wav", "odd.wav")
    ]
    write_manifest(tmp_path / "listed.csv", listed, root=tmp_path)
    pool = open_pool([read_manifest(tmp_path / "listed.csv")])
    assert dict(pool.unusable)[name]
    assert clips_by_name(pool) == {"good_0.wav": 1}


def test_integers_stored_as_floats_are_scaled_and_it_is_said(tmp_path: Path) -> None:
    content = encoded(np.rint(siren(0.0, 12.0) * 32768), RATE_HZ, "WAV", subtype="FLOAT")
    pool = pool_of(tmp_path, {"integers.wav": content})
    place = [Path(r.path).name for r in pool.recordings].index("integers.wav")
    assert fault(pool.clips.read(place), [(0.0, 10.0)], gain=1.0, slack_s=0.0) == ""
    level = pool.examined.level_dbfs[pool.examined.used][place]
    assert level == pytest.approx(LEVEL_DBFS, abs=0.1)
    assert "integers.wav" in json.dumps(pool.facts())


def test_sound_beyond_full_scale_is_named_whatever_becomes_of_it(tmp_path: Path) -> None:
    content = encoded(siren(0.0, 12.0) * 12, RATE_HZ, "WAV", subtype="FLOAT")
    pool = pool_of(tmp_path, {"loud.wav": content})
    assert "loud.wav" in json.dumps(pool.facts())


NAMES = {"names": ["rain", "traffic", "wind"], "_type": "ClassLabel"}


def data_set(root: Path, shards: Mapping[str, tuple[Sequence[object], object]]) -> Build:
    """What is read of Parquet files of labels and what their metadata says of them."""
    sound = encoded(np.zeros(8), RATE_HZ, "WAV")
    kind = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    for shard, (labels, feature) in shards.items():
        audio = [{"bytes": sound, "path": f"{k}.wav"} for k in range(len(labels))]
        table = pyarrow.table({"audio": pyarrow.array(audio, kind), "label": labels})
        features = feature and {"audio": {"_type": "Audio"}, "label": feature}
        notes = json.dumps({"info": {"features": features}})
        table = table.replace_schema_metadata({"huggingface": notes})
        parquet.write_table(table, root / f"{shard}.parquet")
    return build_hugging_face(root, label="noise", type_column="label")


def types_of(built: Build) -> dict[str, str]:
    return {recording.path: recording.type for recording in built.recordings}


def left_of(built: Build) -> set[str]:
    return {name for name, reason in built.left if reason}


def test_a_class_of_minus_one_is_no_label(tmp_path: Path) -> None:
    built = data_set(tmp_path, {"train": ([0, 1, -1], NAMES)})
    assert types_of(built) == {"train/0.wav": "rain", "train/1.wav": "traffic"}
    assert left_of(built) == {"train/2.wav"}


def test_each_shard_has_an_order_of_classes_of_its_own(tmp_path: Path) -> None:
    forth, back = ({"names": names, "_type": "ClassLabel"} for names in (["a", "b"], ["b", "a"]))
    built = data_set(tmp_path, {"test": ([0, 1], forth), "train": ([0, 1], back)})
    assert list(types_of(built).values()) == ["a", "b", "b", "a"]


def test_classes_that_pandas_made_floats_have_names(tmp_path: Path) -> None:
    built = data_set(tmp_path, {"train": ([0.0, 1.0, None], NAMES)})
    assert types_of(built) == {"train/0.wav": "rain", "train/1.wav": "traffic"}
    assert left_of(built) == {"train/2.wav"}


def test_a_class_beyond_the_names_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="7") as caught:
        data_set(tmp_path, {"train": ([0, 7], NAMES)})
    assert "label" in str(caught.value)


@pytest.mark.parametrize("feature", [{"_type": "List"}, {"_type": "Sequence", "length": -1}])
def test_a_list_of_one_class_is_that_class(feature: dict[str, Any], tmp_path: Path) -> None:
    built = data_set(tmp_path, {"train": ([[0], [1, 2]], feature | {"feature": NAMES})})
    assert types_of(built) == {"train/0.wav": "rain"}
    assert left_of(built) == {"train/1.wav"}


@pytest.mark.parametrize("feature", [None, {}])
def test_metadata_that_say_nothing_are_none(feature: object, tmp_path: Path) -> None:
    built = data_set(tmp_path, {"train": (["rain", "wind"], feature)})
    assert list(types_of(built).values()) == ["rain", "wind"]


@pytest.mark.parametrize(
    "name",
    [b"b\xe4r.wav", 251 * b"a" + b".wav", b"a\nb.wav", b'a, "b".wav', b" a .wav", b"a;b.wav"],
    ids=["Latin-1", "255 bytes", "two lines", "quotes", "blanks", "semicolon"],
)
def test_a_name_is_read_back_or_refused_before_anything_is_written(
    name: bytes, tmp_path: Path
) -> None:
    folder = tmp_path / "noise" / "rain"
    folder.mkdir(parents=True)
    (folder / os.fsdecode(name)).write_bytes(SOUND)
    assert_read_back_or_refused(tmp_path)


@pytest.mark.parametrize(
    "name", ["rain\r", "ra\rin", "rain\n", "rain\r\nwind", "re\u0301gen", "a;b"]
)
def test_a_type_is_read_back_or_refused_before_anything_is_written(
    name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "noise" / name
    folder.mkdir(parents=True)
    (folder / "a.wav").write_bytes(SOUND)
    assert_read_back_or_refused(tmp_path)


def assert_read_back_or_refused(root: Path) -> None:
    """Either all of it comes back, or a line that names it says why nothing was written."""
    manifest, refusal = root / "manifest.csv", ""
    try:
        built = build_folders(root)
        if built.recordings:
            write_manifest(manifest, built.recordings, root=root)
        else:
            ((_, refusal),) = built.left
    except CorpusError as error:
        refusal = str(error)
    assert refusal.isprintable()
    assert manifest.exists() != bool(refusal)
    if not refusal:
        corpus = read_manifest(manifest)
        assert corpus.recordings == built.recordings
        assert [r.path for r in open_pool([corpus]).recordings] == [built.recordings[0].path]


def test_embedded_audio_may_bear_the_longest_names_twice(tmp_path: Path) -> None:
    path = f"{251 * 'a'}.wav"
    sounds = [encoded(np.full(8, level), RATE_HZ, "WAV") for level in (0.1, 0.2)]
    audio = [{"bytes": sound, "path": path} for sound in sounds]
    table = pyarrow.table({"audio": audio, "label": ["rain", "wind"]})
    parquet.write_table(table, tmp_path / "train.parquet")
    built = build_hugging_face(tmp_path, label="noise", type_column="label")
    content = {r.type: (tmp_path / r.path).read_bytes() for r in built.recordings}
    assert content == dict(zip(("rain", "wind"), sounds, strict=True))


def audioset(root: Path, line: str, name: str, seconds: float) -> Build:
    (root / "ontology.json").write_bytes(ontology())
    (root / "eval_segments.csv").write_text(f"# YTID, start_seconds, ...\n{line}\n")
    (root / name).write_bytes(encoded(siren(0.0, seconds), RATE_HZ, "WAV"))
    return build_audioset(root, vocabulary=VOCABULARY)


RAIN = '--aE2O5G5WE, 30.000, 40.000, "/m/rain"'


@pytest.mark.parametrize(
    ("name", "seconds", "start_s"),
    [("--aE2O5G5WE_30.wav", 20.0, 0.0), ("--aE2O5G5WE.wav", 20.0, None)],
    ids=["twice as long", "somewhere in a video"],
)
def test_a_label_is_given_to_its_segment_only(
    name: str, seconds: float, start_s: float | None, tmp_path: Path
) -> None:
    built = audioset(tmp_path, RAIN, name, seconds)
    cuts = [(recording.start_s, recording.duration_s) for recording in built.recordings]
    assert cuts == ([] if start_s is None else [(start_s, 10.0)])
    assert start_s is not None or dict(built.left)[name]


@pytest.mark.parametrize("mids", ["/m/rain,/m/04rlf", "/m/rain, /m/04rlf", " /m/rain , /m/04rlf "])
def test_blanks_hide_no_music(mids: str, tmp_path: Path) -> None:
    line = f'--aE2O5G5WE, 30.000, 40.000, "{mids}"'
    built = audioset(tmp_path, line, "--aE2O5G5WE.wav", 10.0)
    assert not built.recordings
    assert dict(built.left)["--aE2O5G5WE.wav"] == IMPURE_NOISE


@pytest.mark.parametrize(
    ("written", "licence"),
    [(text, "CC BY 3.0") for text in ("True", "TRUE", "true")]
    + [(text, "CC BY-NC 3.0") for text in ("False", "FALSE", "false")],
)
def test_a_boolean_is_one_however_it_is_spelled(written: str, licence: str, tmp_path: Path) -> None:
    (recording,) = esc50(tmp_path, f"1-7-A-0.wav,1,0,dog,{written},7,A").recordings
    assert dict(recording.further)["licence"] == licence


def test_semicolons_between_cells_are_understood_or_named(tmp_path: Path) -> None:
    refusal = ""
    try:
        built = esc50(tmp_path, "1-7-A-0.wav;1;0;dog;TRUE;7;A", separator=";")
    except CorpusError as error:
        refusal = str(error)
    assert ";" in refusal if refusal else [r.type for r in built.recordings] == ["dog"]


def esc50(root: Path, line: str, *, separator: str = ",") -> Build:
    head = "filename,fold,target,category,esc10,src_file,take".replace(",", separator)
    for name in ("meta", "audio"):
        (root / name).mkdir()
    (root / "meta" / "esc50.csv").write_text(f"{head}\n{line}\n")
    (root / "audio" / "1-7-A-0.wav").write_bytes(SOUND)
    return build_esc50(root)
