import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from datasets import Audio, ClassLabel, Dataset

from fedasc.corpus.builders.hugging_face import build_hugging_face
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
