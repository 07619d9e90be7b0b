"""Parquet files with embedded audio, as Hugging Face hands out its data sets."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from fedasc.atomic import replaced
from fedasc.errors import CorpusError

_BATCH_ROWS = 16
_FORMATS = (
    (re.compile(rb"RIFF....WAVE", re.DOTALL), ".wav"),
    (re.compile(rb"fLaC"), ".flac"),
    (re.compile(rb"OggS"), ".ogg"),
    (re.compile(rb"ID3|\xff[\xe0-\xff]"), ".mp3"),
    (re.compile(rb"....ftyp", re.DOTALL), ".m4a"),
    (re.compile(rb"\x1aE\xdf\xa3"), ".webm"),
)


@dataclass(frozen=True)
class Row:
    """One row of a Parquet file.

    Args:
        path: The file with its audio, relative to the folder that was unpacked; None if the row
            embeds no audio.
        columns: Its other columns.
    """

    path: str | None
    columns: Mapping[str, Any]


def unpack(root: Path, *, audio_column: str = "audio") -> Iterator[Row]:
    """Write the audio that the Parquet files below a folder embed, its bytes unchanged.

    The audio of `data/00.parquet` goes to `data/00/`. A file is named by the row's video_id, else
    as it was called when it was embedded, else by the row's number; what bears a name that is
    taken already gets the row's number too. Files that are there in the right size stay as they
    are, so that an interrupted call can be made again.

    Memory holds few rows at a time: the audio of a row is written when the row is asked for.

    Args:
        root: Folder to search.
        audio_column: Column of structs with bytes and path.

    Returns:
        The rows of all files, in the order of the files' names.

    Raises:
        CorpusError: If pyarrow isn't installed or there is no Parquet file; while going through
            the rows, if a file is damaged or has no such column.
    """
    return _unpacked(root, _files(root), audio_column)


def class_names(root: Path) -> Mapping[str, Sequence[str]]:
    """The names behind the numbers of columns that hold classes, by column.

    Raises:
        CorpusError: See `unpack`.
    """
    names: dict[str, Sequence[str]] = {}
    for file in _files(root):
        with _opened(file) as content:
            notes = (content.schema_arrow.metadata or {}).get(b"huggingface", b"{}")
        columns = json.loads(notes).get("info", {}).get("features", {})
        names |= {name: kind["names"] for name, kind in columns.items() if "names" in kind}
    return names


def _files(root: Path) -> Sequence[Path]:
    if find_spec("pyarrow") is None:
        raise CorpusError(f"{root}: reading Parquet files needs pyarrow; pip install 'fedasc[hf]'")
    files = sorted(root.rglob("[!.]*.parquet"))
    if not files:
        raise CorpusError(f"{root}: holds no Parquet files")
    return files


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    """A Parquet file; whatever is wrong with it becomes a CorpusError."""
    import pyarrow  # optional, and slow to import
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(file) as content:
            yield content
    except (pyarrow.ArrowException, OSError) as error:
        raise CorpusError(
            f"{file}: not a readable Parquet file ({error}); download it again"
        ) from error


def _unpacked(root: Path, files: Sequence[Path], audio_column: str) -> Iterator[Row]:
    for file in files:
        taken: set[str] = set()
        for number, columns in enumerate(_rows(file, audio_column)):
            audio = columns.pop(audio_column) or {}
            content = audio.get("bytes")
            if not content:
                yield Row(None, columns)
                continue
            called = PurePosixPath((audio.get("path") or "").replace("\\", "/"))
            name = re.sub(r"[^\w.-]", "_", columns.get("video_id") or called.stem).lstrip(".")
            name = name or f"{number:06d}"
            while name.casefold() in taken:  # some file systems don't tell A from a
                name += f"-{number:06d}"
            taken.add(name.casefold())
            path = file.with_suffix("") / (name + (called.suffix.lower() or _suffix(content)))
            if not path.is_file() or path.stat().st_size != len(content):
                with replaced(path) as new:
                    new.write(content)
            yield Row(path.relative_to(root).as_posix(), columns)


def _rows(file: Path, audio_column: str) -> Iterator[dict[str, Any]]:
    from pyarrow import null, types  # optional, and slow to import

    with _opened(file) as content:
        kinds = {field.name: field.type for field in content.schema_arrow}
        kind = kinds.get(audio_column, null())
        if not (types.is_struct(kind) and kind.get_field_index("bytes") >= 0):
            raise CorpusError(
                f"{file}: expected a column {audio_column!r} of structs with bytes and path, "
                f"got {', '.join(f'{name} ({kind})' for name, kind in kinds.items())}"
            )
        for batch in content.iter_batches(_BATCH_ROWS):
            yield from batch.to_pylist()


def _suffix(content: bytes) -> str:
    return next((suffix for magic, suffix in _FORMATS if magic.match(content)), "")
