"""A data set with audio from Hugging Face, as Parquet files on this disk."""

from pathlib import Path

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.parquet import Row, class_names, unpack
from fedasc.corpus.recordings import LABELS, Recording
from fedasc.errors import CorpusError

LICENCE = "See the card of the data set."


def build_hugging_face(
    root: Path,
    *,
    label: str,
    type_column: str,
    group_column: str = "",
    audio_column: str = "audio",
) -> Build:
    """List the recordings of a data set; their audio is unpacked beside the Parquet files.

    Args:
        root: Folder with Parquet files.
        label: noise, music or speech if all recordings are of one label, else the column that says
            which.
        type_column: Column with noise types, genres or kinds of speech.
        group_column: Column with the original recording, track or speaker. Without it each
            recording is a group of its own: choose this only if no two have a source in common.
        audio_column: Column with the audio.

    Raises:
        CorpusError: If there are no Parquet files, or a column is missing or holds what it can't.
    """
    names = class_names(root)

    def text(row: Row, column: str) -> str:
        value = row.columns.get(column)
        if value is None or str(value).strip() == "":
            raise CorpusError(
                f"{root}: no {column!r} in a row; its columns are {', '.join(row.columns)}"
            )
        return names[column][value] if column in names else str(value)

    recordings = []
    left = []
    for number, row in enumerate(unpack(root, audio_column=audio_column)):
        row_label = label if label in LABELS else text(row, label)
        if row.path is None:
            left.append((f"row {number}", "embeds no audio"))
        elif row_label not in LABELS:
            left.append((row.path, f"its {label!r} is {row_label}, not {', '.join(LABELS)}"))
        else:
            recordings.append(
                Recording(
                    path=row.path,
                    label=row_label,
                    type=text(row, type_column),
                    group=text(row, group_column) if group_column else row.path,
                )
            )
    return Build(
        recordings=tuple(sorted(recordings, key=lambda recording: recording.path)),
        licence=LICENCE,
        left=tuple(left),
    )
