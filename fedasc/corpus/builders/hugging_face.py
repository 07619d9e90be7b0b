"""A data set with audio from Hugging Face, as Parquet files on this disk."""

from pathlib import Path
from typing import Any

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.parquet import Row, unpack
from fedasc.corpus.recordings import LABELS, Recording
from fedasc.errors import CorpusError

LICENCE = "See the card of the data set."
NO_AUDIO = "embeds no audio, and names no file below the folder"
SAME_FILE = "has the audio of another row"


def build_hugging_face(
    root: Path,
    *,
    label: str,
    type_column: str,
    group_column: str = "",
    audio_column: str = "audio",
) -> Build:
    """List the recordings of a data set; their audio is unpacked beside the Parquet files.

    Classes are called what the metadata of their own file say, since files may count them in
    another order. A row is left out if one of the columns holds nothing (-1 is no class), or a list
    of several.

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
    columns = [type_column, *filter(None, [group_column]), *([] if label in LABELS else [label])]
    recordings: dict[str, Recording] = {}
    left = []
    for row in unpack(root, audio_column=audio_column, columns=columns):
        texts = {column: _texts(row, column) for column in columns}
        unclear = [column for column in columns if len(texts[column]) != 1]
        row_label = label if label in LABELS else "".join(texts[label])
        if row.path is None:
            left.append((row.place, NO_AUDIO))
        elif unclear:
            what = "holds several" if texts[unclear[0]] else "is empty, or no class"
            left.append((row.path, f"its {unclear[0]!r} {what}"))
        elif row_label not in LABELS:
            left.append((row.path, f"its {label!r} is {row_label}, not {', '.join(LABELS)}"))
        elif row.path in recordings:
            left.append((row.place, SAME_FILE))
        else:
            recordings[row.path] = Recording(
                path=row.path,
                label=row_label,
                type=texts[type_column][0],
                group=texts[group_column][0] if group_column else row.path,
            )
    return Build(
        recordings=tuple(recordings[path] for path in sorted(recordings)),
        licence=LICENCE,
        left=tuple(left),
    )


def _texts(row: Row, column: str) -> list[str]:
    """What a row says in a column: one text, or as many as a list holds."""
    value = row.columns[column]
    values = value if isinstance(value, list) else [value]
    texts = [_text(value, f"{row.place}: {column!r}") for value in values]
    return list(dict.fromkeys(filter(None, texts)))


def _text(value: Any, what: str) -> str:
    """A value as a text: 3.0, which pandas makes of 3 where others lack, is the same as 3."""
    if value is None or value != value:
        return ""
    if isinstance(value, bytes | list | dict):
        raise CorpusError(f"{what} holds {type(value).__name__}; give a column of texts or numbers")
    return str(int(value) if isinstance(value, float) and not value % 1 else value).strip()
