"""Variations of the tables of published corpora, as spreadsheets, pandas and people leave them."""

import csv
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.random import Generator

from fedasc.corpus.builders.audioset import build_audioset
from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.esc50 import build_esc50
from fedasc.corpus.builders.fsd50k import build_fsd50k
from fedasc.corpus.builders.hugging_face import build_hugging_face
from fedasc.corpus.builders.musan import build_musan
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.vocabulary import SoundType, Vocabulary
from tests.corpus.containers import wav, wav_format

VOCABULARY = Vocabulary(
    (
        SoundType(name="rain", label="noise", domain="nature", mid="/m/rain"),
        SoundType(name="traffic", label="noise", domain="urban", mid="/m/traffic"),
        SoundType(name="rock", label="music", domain="", mid="/m/rock"),
    )
)
_CHILDREN = {
    **{"/m/04rlf": ["/m/rock"], "/m/rock": [], "/m/09l8g": ["/m/09x0r"], "/m/09x0r": []},
    **{"/m/rain": [], "/m/traffic": [], "/m/dog": []},
}

Facts = Mapping[str, Any]
"""What a recording must be, by names of the recording's fields."""


@dataclass(frozen=True, kw_only=True)
class TableVariation:
    """A corpus whose tables are odd, and what must be read of it.

    Args:
        kind: What is odd about it.
        files: Contents by path.
        sounds: Seconds of the audio files, by path.
        build: Reads the folder.
        right: Facts of each recording by path.
        may_be_refused: Whether one line that names the file is right too.
        may_be_left_out: Paths that may be left out by name instead.
        absent: Paths that must not be among the recordings.
    """

    kind: str
    files: Mapping[str, bytes]
    sounds: Mapping[str, float]
    build: Callable[[Path], Build]
    right: Mapping[str, Facts]
    may_be_refused: bool = False
    may_be_left_out: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    def write(self, root: Path, store: Path) -> None:
        """Write the tree; audio files are links to those of a store."""
        for path, content in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        for path, seconds in self.sounds.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            sound = store / f"{seconds:g}.wav"
            if not sound.exists():
                sound.write_bytes(_sound(seconds))
            os.link(sound, root / path)

    def fault(self, built: Build) -> str:
        """What is wrong with what was read, in words; or nothing."""
        recordings = {recording.path: recording for recording in built.recordings}
        named = " ".join(name for name, _ in built.left)
        for path, facts in self.right.items():
            if path in recordings:
                for name, wanted in facts.items():
                    value = dict(recordings[path].further).get(name)
                    value = getattr(recordings[path], name, value)
                    if value != wanted:
                        return f"{path}: {name} is {value!r}, not {wanted!r}"
            elif path not in self.may_be_left_out:
                return f"{path} is missing"
            elif path not in named:
                return f"{path} is missing and isn't named"
        if more := (recordings.keys() - self.right.keys()) | (recordings.keys() & self.absent):
            return f"{min(more)} should not be there"
        return ""


_Maker = Callable[[Generator], TableVariation]

TABLES: dict[str, _Maker] = {}
"""How tables of each kind are made."""


def table_variations(kind: str, n: int, *, seed: int) -> list[TableVariation]:
    """Variations of a kind, drawn with a seed."""
    rng = np.random.default_rng([seed, list(TABLES).index(kind)])
    return [TABLES[kind](rng) for _ in range(n)]


def _kind(make: _Maker) -> _Maker:
    TABLES[make.__name__.lstrip("_").replace("_", " ")] = make
    return make


@cache
def _sound(seconds: float) -> bytes:
    numbers = np.random.default_rng(0).integers(100, 156, round(seconds * 8_000)).astype("u1")
    return wav(numbers.tobytes(), form=wav_format(8_000, "u1"))


@dataclass(frozen=True)
class Dialect:
    """How somebody's program writes a table.

    Args:
        odd: Whether it may be refused by name instead of being read right.
    """

    delimiter: str = ","
    all_quoted: bool = False
    end: str = "\n"
    bom: bool = False
    encoding: str = "utf-8"
    blanks: bool = False
    blank_lines: int = 0
    booleans: Sequence[str] = ("True", "False")
    odd: bool = field(default=False)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
        text = io.StringIO(newline="")
        quoting: Literal[0, 1] = csv.QUOTE_ALL if self.all_quoted else csv.QUOTE_MINIMAL
        writer = csv.writer(
            text, delimiter=self.delimiter, quoting=quoting, lineterminator=self.end
        )
        writer.writerow(columns)
        writer.writerows([list(map(self._cell, row)) for row in rows])
        content = text.getvalue() + self.blank_lines * self.end
        return (b"\xef\xbb\xbf" if self.bom else b"") + content.encode(self.encoding)

    def _cell(self, value: object) -> str:
        text = self.booleans[0 if value else 1] if isinstance(value, bool) else str(value)
        return f" {text} " if self.blanks and text else text


def _dialect(rng: Generator) -> Dialect:
    delimiter = str(rng.choice([",", ",", ",", ",", ";", "\t"]))
    encoding = str(rng.choice(["utf-8"] * 9 + ["utf-16"]))
    bom, blanks = bool(rng.random() < 0.3), bool(rng.random() < 0.2)
    return Dialect(
        delimiter=delimiter,
        all_quoted=bool(rng.random() < 0.5),
        end=str(rng.choice(["\n", "\r\n", "\r\n"])),
        bom=bom and encoding == "utf-8",
        encoding=encoding,
        blanks=blanks,
        blank_lines=int(rng.choice([0, 0, 1, 3])),
        booleans=[("True", "False"), ("TRUE", "FALSE"), ("true", "false")][int(rng.integers(3))],
        odd=delimiter != "," or encoding == "utf-16" or blanks,
    )


def _columns(
    rng: Generator, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> tuple[list[str], list[list[object]]]:
    """The columns in another order, and one more."""
    order = rng.permutation(len(columns)) if rng.random() < 0.4 else np.arange(len(columns))
    names = [columns[k] for k in order] + ["notes"]
    return names, [[*(row[k] for k in order), "Möwe, 3 m"] for row in rows]


# ---- ESC-50

_ESC50 = ("filename", "fold", "target", "category", "esc10", "src_file", "take")
_CATEGORIES = {"dog": "dog", "sea_waves": "ocean", "rain": "rain", "siren": "siren"}


def _esc50_rows(rng: Generator) -> tuple[list[list[object]], dict[str, Facts]]:
    rows: list[list[object]] = []
    right: dict[str, Facts] = {}
    for number in range(6):
        category, free = str(rng.choice(list(_CATEGORIES))), bool(rng.random() < 0.5)
        source = int(rng.integers(1_000, 999_999))
        name = f"{1 + number % 5}-{source}-A-{number}.wav"
        rows.append([name, 1 + number % 5, number, category, free, source, "A"])
        right[f"audio/{name}"] = {
            "label": "noise",
            "type": _CATEGORIES[category],
            "group": f"freesound:{source}",
            "licence": "CC BY 3.0" if free else "CC BY-NC 3.0",
        }
    return rows, right


def _esc50(
    kind: str, table: bytes, right: Mapping[str, Facts], *, may_be_refused: bool
) -> TableVariation:
    return TableVariation(
        kind=f"ESC-50: {kind}",
        files={"meta/esc50.csv": table},
        sounds=dict.fromkeys(right, 5.0),
        build=build_esc50,
        right=right,
        may_be_refused=may_be_refused,
    )


@_kind
def _esc50_in_a_dialect(rng: Generator) -> TableVariation:
    rows, right = _esc50_rows(rng)
    dialect = _dialect(rng)
    table = dialect.table(*_columns(rng, _ESC50, rows))
    return _esc50("dialect", table, right, may_be_refused=dialect.odd)


@_kind
def _esc50_of_a_spreadsheet(rng: Generator) -> TableVariation:
    rows, right = _esc50_rows(rng)
    which = int(rng.integers(3))
    if which == 0:  # pandas makes floats of a column with a hole
        rows = [[*row[:5], f"{row[5]}.0", row[6]] for row in rows]
    elif which == 1:
        rows = [[*row[:3], str(row[3]).upper(), *row[4:]] for row in rows]
    else:
        rows = [[*row[:4], int(bool(row[4])), *row[5:]] for row in rows]
    table = Dialect().table(_ESC50, rows)
    return _esc50(f"spreadsheet {which}", table, right, may_be_refused=True)


# ---- FSD50K and AudioSet


def ontology() -> bytes:
    """An ontology of few sounds, as AudioSet publishes its own."""
    content = [{"id": mid, "name": mid, "child_ids": kinds} for mid, kinds in _CHILDREN.items()]
    return json.dumps(content).encode()


_LABELS: tuple[tuple[tuple[str, ...], tuple[str, str, str] | None], ...] = (
    (("/m/rain",), ("noise", "rain", "nature")),
    (("/m/traffic", "/m/dog"), ("noise", "traffic", "urban")),
    (("/m/rain", "/m/04rlf"), None),  # music beside the noise
    (("/m/dog", "/m/rain"), ("noise", "rain", "nature")),
    (("/m/dog",), None),
)


def _kinds_of(picked: tuple[str, str, str]) -> dict[str, Any]:
    return dict(zip(("label", "type", "domain"), picked, strict=True))


@_kind
def _fsd50k(rng: Generator) -> TableVariation:
    dialect, blank = _dialect(rng), str(rng.choice(["", "", " "]))
    rows: list[list[object]] = []
    right: dict[str, Facts] = {}
    sounds, absent = {}, set()
    for number, (mids, picked) in enumerate(_LABELS):
        clip = int(rng.integers(1_000, 99_999)) * 10 + number
        path = f"FSD50K.dev_audio/{clip}.wav"
        rows.append([clip, "Some,Thing", f",{blank}".join(mids), "train"])
        sounds[path] = 1.0
        if picked:
            right[path] = _kinds_of(picked) | {"origin": f"freesound:{clip}"}
        else:
            absent.add(path)
    return TableVariation(
        kind="FSD50K: dialect" + (", blanks between labels" if blank else ""),
        files={
            "FSD50K.ground_truth/dev.csv": dialect.table(
                *_columns(rng, ("fname", "labels", "mids", "split"), rows)
            ),
            "ontology.json": ontology(),
        },
        sounds=sounds,
        build=lambda root: build_fsd50k(root, vocabulary=VOCABULARY),
        right=right,
        absent=frozenset(absent),
        may_be_refused=dialect.odd,
    )


@_kind
def _audioset(rng: Generator) -> TableVariation:
    """Segments of 10 s, whose files hold them, or more, or the whole video."""
    separator, blank = str(rng.choice([", ", ", ", ",", "; ", "\t"])), str(rng.choice(["", " "]))
    between = str(rng.choice([",", ",", ",", ";"]))
    lines, right, sounds, absent, doubtful = [], {}, {}, set(), set()
    for number, (mids, picked) in enumerate(_LABELS):
        video = f"-_{number}{rng.integers(10**7, 10**8)}"
        start_s = 10 * int(rng.integers(1, 30))
        times = [f"{start_s}.000", f"{start_s + 10}.000"]
        if rng.random() < 0.3:
            times = [f"{float(time):g}" for time in times]
        labels = f"{blank}{f'{between}{blank}'.join(mids)}{blank}"
        lines.append(separator.join([video, *times, f'"{labels}"']))
        name = [
            video,
            f"Y{video}",
            f"{video}_{start_s}",
            f"{video}_{start_s}.000_{start_s + 10}.000",
        ]
        form = int(rng.integers(4))
        path = f"audio/{name[form]}.wav"
        seconds = float(rng.choice([10.0, 9.5, 20.0, start_s + 30.0]))
        sounds[path] = seconds
        if picked is None:
            absent.add(path)
            continue
        facts = _kinds_of(picked) | {"group": video}
        if seconds > 10:
            doubtful.add(path)
            # a file that is named by its start begins there, another may be the whole video
            facts |= {"duration_s": 10.0, "start_s": 0.0 if form >= 2 else float(start_s)}
        right[path] = facts
    head = ["# Segments csv created Sun Mar  5 10:54:25 2017", "# YTID, start_seconds, ..."]
    end = str(rng.choice(["\n", "\r\n"]))
    text = end.join([*head[: int(rng.integers(3))], *lines, *[""] * int(rng.integers(3))])
    bom = b"\xef\xbb\xbf" if rng.random() < 0.3 else b""
    return TableVariation(
        kind=f"AudioSet: {separator!r} between columns, {between + blank!r} between labels",
        files={"eval_segments.csv": bom + text.encode(), "ontology.json": ontology()},
        sounds=sounds,
        build=lambda root: build_audioset(root, vocabulary=VOCABULARY),
        right=right,
        absent=frozenset(absent),
        may_be_left_out=frozenset(doubtful),
        may_be_refused="," not in separator or between == ";",
    )


# ---- MUSAN


@_kind
def _musan(rng: Generator) -> TableVariation:
    end, blank = str(rng.choice(["\n", "\r\n"])), str(rng.choice([" ", "\t", "  "]))
    genres = [("Rock,indierock", "rock"), ("hip-hop", "hip_hop"), ("none", "other")]
    lines, right = [], {}
    for number, (annotated, kind) in enumerate(genres):
        name = f"music-fma-{number:04d}"
        lines.append(blank.join([name, annotated, "Y", f"Artist_{number}_é"]))
        right[f"music/fma/{name}.wav"] = {
            **{"label": "music", "type": kind, "group": f"Artist_{number}_é", "duration_s": 6.0}
        }
    right["noise/free-sound/noise-free-sound-0000.wav"] = {
        **{"label": "noise", "type": "musan_free_sound", "group": "noise-free-sound-0000"}
    }
    text = end.join([*lines, *[""] * int(rng.integers(3))])
    bom = b"\xef\xbb\xbf" if rng.random() < 0.3 else b""
    return TableVariation(
        kind="MUSAN" + (" with a mark of UTF-8" if bom else ""),
        files={"music/fma/ANNOTATIONS": bom + text.encode()},
        sounds=dict.fromkeys(right, 6.0),
        build=build_musan,
        right=right,
    )


# ---- manifests


def _read(root: Path) -> Build:
    return Build(recordings=read_manifest(root / "manifest.csv").recordings, licence="")


def _manifest(kind: str, table: bytes, right: Mapping[str, Facts], *, odd: bool) -> TableVariation:
    return TableVariation(
        kind=f"manifest: {kind}",
        files={"manifest.csv": table},
        sounds={},
        build=_read,
        right=right,
        may_be_refused=odd,
    )


@_kind
def _manifest_in_a_dialect(rng: Generator) -> TableVariation:
    dialect = _dialect(rng)
    rows: list[list[object]] = []
    right: dict[str, Facts] = {}
    for number in range(5):
        label, kind = str(rng.choice(["noise", "music", "speech"])), f"Straßenlärm {number}"
        start_s, duration_s = round(float(rng.uniform(0, 9)), 3), round(float(rng.uniform(1, 9)), 3)
        rows.append([f"a/{number}, é.wav", label, kind, f"g{number}", start_s, duration_s])
        right[f"a/{number}, é.wav"] = {
            **{"label": label, "type": kind, "group": f"g{number}"},
            **{"start_s": start_s, "duration_s": duration_s},
        }
    names = ("path", "label", "type", "group", "start_s", "duration_s")
    table = dialect.table(*_columns(rng, names, rows))
    return _manifest("dialect", table, right, odd=dialect.odd)


_NUMBERS: tuple[tuple[str, float | None], ...] = (
    *(("1.5", 1.5), (" 1.5 ", 1.5), ("1e1", 10.0), ("+2", 2.0), ("1,5", 1.5), ("nan", None)),
    *(("inf", None), ("-1", None), ("1e400", None), ("1.5 s", None), ("0x10", None)),
    *(("00:01", None), ("#NUM!", None)),
)


@_kind
def _manifest_with_an_odd_number(rng: Generator) -> TableVariation:
    """A time that is none must be refused: nothing but the number tells."""
    text, number = _NUMBERS[int(rng.integers(len(_NUMBERS)))]
    table = Dialect().table(
        ("path", "label", "type", "group", "start_s"), [["a.wav", "noise", "rain", "g", text]]
    )
    right: dict[str, Facts] = {"a.wav": {"start_s": number}}
    odd = number is None or "," in text
    return _manifest(f"start_s {text!r}", table, right, odd=odd)


@_kind
def _manifest_without_a_column(rng: Generator) -> TableVariation:
    names = ["path", "label", "type", "group"]
    row: list[object] = ["a.wav", "noise", "rain", "g"]
    gone = int(rng.integers(4))
    del names[gone], row[gone]
    return _manifest("a column is missing", Dialect().table(names, [row]), {"": {}}, odd=True)


# ---- Parquet

_NAMES = ("rain", "traffic", "wind")


def _class_label(rng: Generator, names: Sequence[str] = _NAMES) -> dict[str, Any]:
    kind: dict[str, Any] = {"names": list(names), "_type": "ClassLabel"}
    return kind | ({"num_classes": len(names)} if rng.random() < 0.3 else {})


def _parquet(
    kind: str,
    shards: Mapping[str, tuple[Any, object]],
    right: Mapping[str, Facts],
    *,
    may_be_refused: bool = False,
    may_be_left_out: Sequence[str] = (),
    absent: Sequence[str] = (),
) -> TableVariation:
    """A data set of shards, each an Arrow array of labels and what its metadata holds."""
    return TableVariation(
        kind=f"Parquet: {kind}",
        files={
            f"{name}.parquet": _shard(labels, notes) for name, (labels, notes) in shards.items()
        },
        sounds={},
        build=lambda root: build_hugging_face(root, label="noise", type_column="label"),
        right=right,
        may_be_refused=may_be_refused,
        may_be_left_out=frozenset(may_be_left_out),
        absent=frozenset(absent),
    )


def _shard(labels: Any, notes: object) -> bytes:
    import pyarrow
    from pyarrow import parquet

    clips = [{"bytes": _sound(0.1), "path": f"{k}.wav"} for k in range(len(labels))]
    kind = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    table = pyarrow.table({"audio": pyarrow.array(clips, kind), "label": labels})
    if notes is not None:
        text = notes if isinstance(notes, bytes) else json.dumps(notes).encode()
        table = table.replace_schema_metadata({b"huggingface": text})
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def _features(label: object) -> dict[str, Any]:
    return {"info": {"features": {"audio": {"_type": "Audio"}, "label": label}}}


def _typed(shard: str, names: Sequence[str]) -> dict[str, Facts]:
    return {f"{shard}/{k}.wav": {"label": "noise", "type": name} for k, name in enumerate(names)}


@_kind
def _parquet_of_numbers(rng: Generator) -> TableVariation:
    """Numbers of classes, among them some that stand for no class."""
    import pyarrow

    numbers = [int(k) for k in rng.integers(0, 3, 4)]
    which = str(rng.choice(["int64", "int8", "uint8", "float64", "float32"]))
    odd = rng.choice(["", "-1", "null", "beyond"])
    values: list[int | None] = [*numbers]
    if odd == "-1" and which != "uint8":
        values.append(-1)
    elif odd == "null":
        values.append(None)
    elif odd == "beyond":
        values.append(int(rng.integers(3, 99)))
    labels = pyarrow.array(values).cast(getattr(pyarrow, which)())
    return _parquet(
        f"{which}, {odd}",
        {"train": (labels, _features(_class_label(rng)))},
        _typed("train", [_NAMES[k] for k in numbers]),
        may_be_refused=odd == "beyond",
        absent=["train/4.wav"],
    )


@_kind
def _parquet_of_shards(rng: Generator) -> TableVariation:
    """Shards whose classes come in orders of their own, one perhaps without names."""
    import pyarrow

    shards: dict[str, tuple[Any, object]] = {}
    right: dict[str, Facts] = {}
    for shard in ("test", "train", "valid"):
        names = [str(name) for name in rng.permutation(_NAMES)]
        numbers = [int(k) for k in rng.integers(0, 3, 3)]
        shards[shard] = (pyarrow.array(numbers), _features(_class_label(rng, names)))
        right |= _typed(shard, [names[k] for k in numbers])
    if nameless := bool(rng.random() < 0.3):
        shards["valid"] = (shards["valid"][0], None)
    return _parquet(
        f"shards{', one without names' * nameless}",
        shards,
        right,
        may_be_refused=nameless,
        may_be_left_out=[path for path in right if nameless and path.startswith("valid")],
    )


@_kind
def _parquet_of_lists(rng: Generator) -> TableVariation:
    import pyarrow

    feature = _class_label(rng)
    wrapped: object = [
        {"feature": feature, "_type": "List"},
        {"feature": feature, "_type": "Sequence", "length": -1},
        [feature],
    ][int(rng.integers(3))]
    right = _typed("train", ["rain", "wind"])
    return _parquet(
        "lists of labels",
        {"train": (pyarrow.array([[0], [2], [1, 2], []]), _features(wrapped))},
        right,
        absent=["train/2.wav", "train/3.wav"],
    )


@_kind
def _parquet_of_texts(rng: Generator) -> TableVariation:
    import pyarrow

    names = [str(name) for name in rng.choice(_NAMES, 3)]
    which = int(rng.integers(3))
    array = pyarrow.array(names, pyarrow.large_string() if which == 1 else None)
    labels = array.dictionary_encode() if which == 2 else array
    value = {"dtype": "string", "_type": "Value"}
    note: object = (
        *(None, {"info": None}, {"info": {"features": None}}, {}, [], b"{", b"null"),
        *(_features(value), _features(None)),
    )[int(rng.integers(9))]
    return _parquet(
        f"texts, metadata {str(note)[:30]}", {"train": (labels, note)}, _typed("train", names)
    )
