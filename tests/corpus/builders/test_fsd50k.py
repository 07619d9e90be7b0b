import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.fsd50k import LICENCE, MISSING, NOT_LISTED, build_fsd50k
from fedasc.corpus.builders.ontology import IMPURE_NOISE, NO_TYPE
from fedasc.corpus.recordings import Recording
from fedasc.corpus.vocabulary import SoundType, Vocabulary
from fedasc.errors import CorpusError

VOCABULARY = Vocabulary(
    (
        SoundType(name="wind", label="noise", domain="nature", mid="/m/wind"),
        SoundType(name="fan", label="noise", domain="domestic", mid="/m/fan"),
    )
)
CHILDREN = {
    "/m/04rlf": ["/m/guitar"],
    "/m/09l8g": ["/m/09x0r"],
    "/m/09x0r": [],
    "/m/weather": ["/m/wind"],
    "/m/wind": [],
    "/m/fan": [],
    "/m/guitar": [],
}
CC0 = "http://creativecommons.org/publicdomain/zero/1.0/"


def write_ontology(folder: Path) -> Path:
    path = folder / "ontology.json"
    content = [{"id": mid, "child_ids": kinds} for mid, kinds in CHILDREN.items()]
    path.write_text(json.dumps(content))
    return path


def write_part(root: Path, part: str, **mids: str) -> None:
    """Ground truth and sounds; names of clips begin with an underscore, to be arguments."""
    table = root / "FSD50K.ground_truth" / f"{part}.csv"
    table.parent.mkdir(exist_ok=True)
    split = ",split" if part == "dev" else ""
    lines = [f'{name[1:]},"Some,Names","{text}"{split and ",val"}' for name, text in mids.items()]
    table.write_text("\n".join([f"fname,labels,mids{split}", *lines]) + "\n")
    for name in mids:
        write_sound(root / f"FSD50K.{part}_audio" / f"{name[1:]}.wav")


def write_sound(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, np.zeros(8), 16_000)


def write_details(root: Path, part: str, content: object) -> None:
    path = root / "FSD50K.metadata" / f"{part}_clips_info_FSD50K.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))


def build(root: Path) -> Build:
    return build_fsd50k(root, vocabulary=VOCABULARY)


def test_both_parts_become_recordings(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_part(tmp_path, "dev", _64760="/m/wind,/m/weather")
    write_part(tmp_path, "eval", _37199="/m/fan")
    assert build(tmp_path) == Build(
        recordings=(
            Recording(
                path="FSD50K.dev_audio/64760.wav",
                label="noise",
                type="wind",
                domain="nature",
                group="64760",
                origin="freesound:64760",
            ),
            Recording(
                path="FSD50K.eval_audio/37199.wav",
                label="noise",
                type="fan",
                domain="domestic",
                group="37199",
                origin="freesound:37199",
            ),
        ),
        licence=LICENCE,
    )


@pytest.mark.parametrize("part", ["dev", "eval"])
def test_one_part_is_enough(part: str, tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_part(tmp_path, part, _1="/m/wind")
    assert [r.path for r in build(tmp_path).recordings] == [f"FSD50K.{part}_audio/1.wav"]


def test_the_uploader_is_the_group_and_the_licence_passes_through(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_part(tmp_path, "dev", _1="/m/wind", _2="/m/wind", _3="/m/wind")
    write_part(tmp_path, "eval", _4="/m/fan")
    one = {"title": "a.wav", "tags": ["a"], "license": CC0, "uploader": "ann"}
    write_details(tmp_path, "dev", {"1": one, "2": {"uploader": "ann"}})
    write_details(tmp_path, "eval", {"4": {"license": CC0, "uploader": "bob"}})
    assert [(r.group, r.further) for r in build(tmp_path).recordings] == [
        ("ann", (("licence", CC0),)),
        ("ann", ()),
        ("3", ()),
        ("bob", (("licence", CC0),)),
    ]


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_part(
        tmp_path,
        "dev",
        _1="/m/wind",
        _2="/m/guitar,/m/04rlf",
        _3=" /m/fan , /m/09x0r",
        _4=" /m/wind,",
    )
    (tmp_path / "FSD50K.dev_audio" / "1.wav").unlink()
    write_sound(tmp_path / "FSD50K.dev_audio" / "5.wav")
    (tmp_path / "FSD50K.dev_audio" / "._4.wav").write_bytes(b"left by a Mac")
    built = build(tmp_path)
    assert [r.path for r in built.recordings] == ["FSD50K.dev_audio/4.wav"]
    assert built.left == (
        ("FSD50K.dev_audio/1.wav", MISSING),
        ("FSD50K.dev_audio/5.wav", NOT_LISTED),
        ("FSD50K.dev_audio/2.wav", NO_TYPE),
        ("FSD50K.dev_audio/3.wav", IMPURE_NOISE),
    )


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_part(tmp_path, "dev", _1="/m/wind", _2="/m/fan")
    (tmp_path / "FSD50K.dev_audio" / "1.wav").unlink()
    (tmp_path / "FSD50K.dev_audio" / "2.wav").unlink()
    assert build(tmp_path).left == (
        ("FSD50K.dev_audio", "no such folder, though 2 of its clips are listed"),
    )


@pytest.mark.parametrize("suffix", [".flac", ".wav"])
def test_clips_may_be_converted_or_resampled_into_another_folder(
    suffix: str, tmp_path: Path
) -> None:
    root = tmp_path / "data" / "FSD50K"
    root.mkdir(parents=True)
    write_part(root, "dev", _1="/m/wind", _2="/m/wind")
    write_part(root, "eval", _3="/m/fan")
    write_details(root, "dev", {"1": {"uploader": "ann"}, "2": {"uploader": "ann"}})
    (root / "FSD50K.dev_audio").rename(tmp_path / "disk")
    write_sound(tmp_path / "disk" / "4.wav")
    for path in (tmp_path / "disk").iterdir():
        path.rename(path.with_suffix(suffix))
    (root / "dev_audio_16k").symlink_to(tmp_path / "disk")
    ontology = write_ontology(tmp_path)
    built = build_fsd50k(tmp_path / "data", vocabulary=VOCABULARY, ontology=ontology)
    assert [(r.path, r.group) for r in built.recordings] == [
        ("FSD50K/FSD50K.eval_audio/3.wav", "3"),
        (f"FSD50K/dev_audio_16k/1{suffix}", "ann"),
        (f"FSD50K/dev_audio_16k/2{suffix}", "ann"),
    ]
    assert built.left == ((f"FSD50K/dev_audio_16k/4{suffix}", NOT_LISTED),)


def test_of_copies_the_published_one_counts(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_part(tmp_path, "dev", _1="/m/wind")
    write_sound(tmp_path / "16k" / "1.wav")
    built = build(tmp_path)
    assert [r.path for r in built.recordings] == ["FSD50K.dev_audio/1.wav"]
    assert built.left == ()


def test_the_ontology_may_lie_elsewhere(tmp_path: Path) -> None:
    root = tmp_path / "corpus"
    root.mkdir()
    write_part(root, "dev", _1="/m/wind")
    with pytest.raises(CorpusError, match=r"ontology\.json: no such file"):
        build(root)
    built = build_fsd50k(root, vocabulary=VOCABULARY, ontology=write_ontology(tmp_path))
    assert len(built.recordings) == 1


def test_a_folder_without_ground_truth_is_refused(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    reason = r"expected FSD50K\.ground_truth/dev\.csv or eval\.csv.*holds ontology\.json"
    with pytest.raises(CorpusError, match=reason):
        build(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        ',"Wind","/m/wind"',
        '2,"Wind","Wind"',
        '2,"Wind","/m/wind,Fan"',
        '2,"Wind"," , "',
        "2",
        '1,"Wind","/m/wind"',
    ],
)
def test_a_malformed_line_is_named(line: str, tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_part(tmp_path, "eval", _1="/m/wind")
    table = tmp_path / "FSD50K.ground_truth" / "eval.csv"
    table.write_text(table.read_text() + line + "\n")
    with pytest.raises(CorpusError, match=r"eval\.csv, line 3: expected the name of a clip"):
        build(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"name,mids\n", r"column\(s\) fname"), (b"fname,mids\n\xff", "UTF-8")]
)
def test_another_table_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_part(tmp_path, "eval", _1="/m/wind")
    (tmp_path / "FSD50K.ground_truth" / "eval.csv").write_bytes(content)
    with pytest.raises(CorpusError, match=rf"eval\.csv: .*{reason}"):
        build(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"), [("[]", "an object"), ('{"1": 2}', "an object"), ("{", "JSON")]
)
def test_malformed_metadata_is_named(content: str, reason: str, tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_part(tmp_path, "dev", _1="/m/wind")
    write_details(tmp_path, "dev", {})
    (tmp_path / "FSD50K.metadata" / "dev_clips_info_FSD50K.json").write_text(content)
    with pytest.raises(CorpusError, match=rf"dev_clips_info_FSD50K\.json: .*{reason}"):
        build(tmp_path)
