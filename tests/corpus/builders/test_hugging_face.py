import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
import soundfile
from datasets import Audio, ClassLabel, Dataset, List
from pyarrow import parquet

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.hugging_face import NO_AUDIO, SAME_FILE, build_hugging_face
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError


def wav(n: int) -> dict[str, object]:
    file = io.BytesIO()
    soundfile.write(file, np.full(8, n / 100), 16_000, format="WAV")
    return {"bytes": file.getvalue(), "path": f"{n}.wav"}


def write(folder: Path, **columns: list[object]) -> None:
    """A data set with audio, the classes of its column kind kept as numbers."""
    n = len(columns["kind"])
    data = Dataset.from_dict({"audio": [wav(i) for i in range(n)], **columns})
    data = data.cast_column("audio", Audio(decode=False))
    data = data.cast_column("kind", ClassLabel(names=["rain", "jazz"]))
    data.to_parquet(folder / "train.parquet")


def test_columns_become_recordings_and_numbers_the_names_of_classes(tmp_path: Path) -> None:
    write(tmp_path, kind=[0, 1, 0], sound=["noise", "music", "other"], track=["a", "b", "a"])
    built = build_hugging_face(tmp_path, label="sound", type_column="kind", group_column="track")
    assert built.recordings == (
        Recording(path="train/0.wav", label="noise", type="rain", group="a"),
        Recording(path="train/1.wav", label="music", type="jazz", group="b"),
    )
    assert built.left == (("train/2.wav", "its 'sound' is other, not noise, music, speech"),)
    samples, _ = soundfile.read(tmp_path / "train" / "1.wav")
    np.testing.assert_allclose(samples, 0.01, atol=1e-4)


def test_one_label_may_stand_for_all_and_each_recording_for_itself(tmp_path: Path) -> None:
    write(tmp_path, kind=[0, 0])
    recordings = build_hugging_face(tmp_path, label="noise", type_column="kind").recordings
    assert [recording.label for recording in recordings] == ["noise", "noise"]
    assert [recording.group for recording in recordings] == ["train/0.wav", "train/1.wav"]


@pytest.mark.parametrize("columns", [("nothing", "kind"), ("noise", "nothing")])
def test_a_column_that_is_missing_is_named_with_those_there_are(
    columns: tuple[str, str], tmp_path: Path
) -> None:
    write(tmp_path, kind=[0])
    with pytest.raises(CorpusError, match="no 'nothing' in a row; its columns are kind"):
        build_hugging_face(tmp_path, label=columns[0], type_column=columns[1])


RAIN = {"names": ["rain", "traffic", "wind"], "_type": "ClassLabel"}


def shard(
    path: Path,
    labels: Sequence[object] | pyarrow.Array,
    *,
    feature: object = RAIN,
    notes: bytes | None = b"",
    **columns: Sequence[object],
) -> None:
    """A shard of rows called by the shard and their number, with a column label.

    Args:
        feature: What its metadata say of the column.
        notes: Metadata in place of these; none at all if None.
    """
    audio = [wav(n) | {"path": f"{path.stem}_{n}.wav"} for n in range(len(labels))]
    features = {"audio": {"_type": "Audio"}, "label": feature}
    noted = notes or json.dumps({"info": {"features": features}}).encode()
    table = pyarrow.table({"audio": audio, "label": labels, **columns})
    path.parent.mkdir(parents=True, exist_ok=True)
    meta = None if notes is None else {b"huggingface": noted}
    parquet.write_table(table.replace_schema_metadata(meta), path)


def built_of(root: Path, group_column: str = "") -> Build:
    return build_hugging_face(root, label="noise", type_column="label", group_column=group_column)


def types_of(built: Build) -> Mapping[str, str]:
    return {Path(recording.path).stem: recording.type for recording in built.recordings}


def test_shards_may_count_their_classes_in_another_order(tmp_path: Path) -> None:
    shard(tmp_path / "test.parquet", [0, 1], feature={**RAIN, "names": ["rain", "wind"]})
    shard(tmp_path / "train.parquet", [0, 1], feature={**RAIN, "names": ["wind", "rain"]})
    assert types_of(built_of(tmp_path)) == {
        "test_0": "rain",
        "test_1": "wind",
        "train_0": "wind",
        "train_1": "rain",
    }


def dictionary(*numbers: int | None) -> pyarrow.Array:
    return pyarrow.array(numbers, pyarrow.int64()).dictionary_encode()


@pytest.mark.parametrize(
    "labels",
    [
        [0, 1, -1, 2],
        [0, 1, None, 2],
        [0.0, 1.0, float("nan"), 2.0],
        [0.0, 1.0, -1.0, 2.0],
        pyarrow.array([0, 1, -1, 2], pyarrow.int8()),
        dictionary(0, 1, -1, 2),
        dictionary(0, 1, None, 2),
        ["rain", "traffic", None, "wind"],
    ],
)
def test_what_has_no_label_is_left_out(labels: Any, tmp_path: Path) -> None:
    shard(tmp_path / "a.parquet", labels)
    built = built_of(tmp_path)
    assert types_of(built) == {"a_0": "rain", "a_1": "traffic", "a_3": "wind"}
    assert built.left == (("a/a_2.wav", "its 'label' is empty, or no class"),)


@pytest.mark.parametrize(
    "feature",
    [
        *({"feature": RAIN, "_type": kind} for kind in ("Sequence", "List", "LargeList")),
        {"feature": RAIN, "length": -1, "_type": "Sequence"},
        [RAIN],
    ],
)
@pytest.mark.parametrize("kind", [pyarrow.list_, pyarrow.large_list])
def test_one_label_in_a_list_counts_and_several_do_not(
    feature: object, kind: Any, tmp_path: Path
) -> None:
    labels = [[0], [1, 2], [2, 2], [-1], [], None, [-1, 1]]
    shard(tmp_path / "a.parquet", pyarrow.array(labels, kind(pyarrow.int64())), feature=feature)
    built = built_of(tmp_path)
    assert types_of(built) == {"a_0": "rain", "a_2": "wind", "a_6": "traffic"}
    assert built.left == (
        ("a/a_1.wav", "its 'label' holds several"),
        *((f"a/a_{n}.wav", "its 'label' is empty, or no class") for n in (3, 4, 5)),
    )


def test_lists_of_classes_are_read_as_the_library_writes_them(tmp_path: Path) -> None:
    names = ClassLabel(names=["rain", "wind"])
    data = Dataset.from_dict({"audio": [wav(0), wav(1)], "label": [[1], [0, 1]]})
    data = data.cast_column("audio", Audio(decode=False)).cast_column("label", List(names))
    data.to_parquet(tmp_path / "a.parquet")
    assert types_of(built_of(tmp_path)) == {"0": "wind"}


@pytest.mark.parametrize("value", [3, 7, -2, 1.5, 3.0, [0, 7], "fog"])
def test_a_number_beyond_the_names_is_refused_with_its_place(value: Any, tmp_path: Path) -> None:
    feature = {"feature": RAIN, "_type": "List"} if isinstance(value, list) else RAIN
    shard(tmp_path / "data" / "a.parquet", [value], feature=feature)
    number = value[-1] if isinstance(value, list) else value
    with pytest.raises(CorpusError) as caught:
        built_of(tmp_path)
    assert str(caught.value) == (
        f"data/a.parquet, row 0: {number!r} is beyond the names of 'label' in its file "
        "(rain, traffic, wind); take it as its owner publishes it"
    )


@pytest.mark.parametrize(
    "notes",
    [
        None,
        b"null",
        b"{}",
        b"{",
        b"\xff",
        b"[]",
        b'{"info": null}',
        b'{"info": {"features": null}}',
        b'{"info": {"features": []}}',
        b'{"info": {"features": {"label": null}}}',
        b'{"info": {"features": {"label": {"_type": "ClassLabel", "names": null}}}}',
        b'{"info": {"features": {"label": {"_type": "List", "feature": []}}}}',
        b'{"info": {"features": {"label": {"names": {"dtype": "string", "_type": "Value"}}}}}',
    ],
)
def test_without_names_numbers_stay_unless_other_shards_have_names(
    notes: bytes | None, tmp_path: Path
) -> None:
    shard(tmp_path / "b.parquet", [0, 1], notes=notes)
    assert types_of(built_of(tmp_path)) == {"b_0": "0", "b_1": "1"}
    shard(tmp_path / "a.parquet", [1])
    with pytest.raises(CorpusError, match=r"b\.parquet, row 0: 0 is beyond .* \(none, though"):
        built_of(tmp_path)
    shard(tmp_path / "b.parquet", ["rain", None], notes=notes)
    assert types_of(built_of(tmp_path)) == {"a_0": "traffic", "b_0": "rain"}


def test_groups_that_a_shard_holds_as_floats_are_those_of_the_others(tmp_path: Path) -> None:
    shard(tmp_path / "a.parquet", [0, 1], track=[17, 18])
    shard(tmp_path / "b.parquet", [0, 1, 2], track=[17.0, None, 17.5])
    built = built_of(tmp_path, "track")
    assert [r.group for r in built.recordings] == ["17", "18", "17", "17.5"]
    assert built.left == (("b/b_1.wav", "its 'track' is empty, or no class"),)


def test_a_column_of_what_is_no_text_is_refused(tmp_path: Path) -> None:
    shard(tmp_path / "a.parquet", [{"name": "rain"}], feature=None)
    with pytest.raises(CorpusError, match=r"a\.parquet, row 0: 'label' holds dict; give a column"):
        built_of(tmp_path)


def test_a_row_without_audio_or_with_that_of_another_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    table = {"audio": ["a.wav", "a.wav", "b.wav"], "label": ["rain", "wind", "wind"]}
    parquet.write_table(pyarrow.table(table), tmp_path / "0.parquet")
    built = built_of(tmp_path)
    assert types_of(built) == {"a": "rain"}
    assert built.left == (("0.parquet, row 1", SAME_FILE), ("0.parquet, row 2", NO_AUDIO))
