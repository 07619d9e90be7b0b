"""Parquet files with embedded audio, as Hugging Face hands out its data sets."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from fedasc.atomic import replaced
from fedasc.corpus.builders.classes import Classes, classes_of, named
from fedasc.errors import CorpusError

_BATCH_ROWS = 16
_MAX_STEM_BYTES = 200  # a name has room for 255, some of which a number, a suffix and a draft take
_SUFFIX = re.compile(r"\.\w{1,8}", re.ASCII)
_FORMATS = (
    (re.compile(rb"RIFF....WAVE", re.DOTALL), ".wav"),
    (re.compile(rb"fLaC"), ".flac"),
    (re.compile(rb"OggS"), ".ogg"),
    (re.compile(rb"ID3|\xff[\xe0-\xff]"), ".mp3"),
    (re.compile(rb"....ftyp", re.DOTALL), ".m4a"),
    (re.compile(rb"\x1aE\xdf\xa3"), ".webm"),
)
_VIDEO = "video_id"


@dataclass(frozen=True)
class Row:
    """One row of a Parquet file.

    Args:
        path: The file with its audio, relative to the folder that was unpacked; None if the row
            has no audio.
        columns: Its other columns, as far as they were asked for. Classes have their names, and
            None where there is no label.
        place: Where it stands: file, relative to the folder, and number.
    """

    path: str | None
    columns: Mapping[str, Any]
    place: str = field(default="", compare=False)


def unpack(
    root: Path, *, audio_column: str = "audio", columns: Sequence[str] | None = None
) -> Iterator[Row]:
    """Write the audio that the Parquet files below a folder embed, its bytes unchanged.

    The audio of `data/00.parquet` goes to `data/00/`. A file is named by the row's video_id, else
    as it was called when it was embedded, else by the row's number; what bears a name that is
    taken already gets the row's number too. Files that are there in the right size stay as they
    are, so that an interrupted call can be made again. Audio that isn't embedded stays where it is
    if it lies where its path says, from the Parquet file or from the folder.

    Memory holds few rows at a time: the audio of a row is written when the row is asked for.

    Args:
        root: Folder to search.
        audio_column: Column of structs with bytes and path, or of bytes or paths alone.
        columns: Further columns to read; all if None.

    Returns:
        The rows of all files, in the order of the files' names.

    Raises:
        CorpusError: If pyarrow isn't installed or there is no Parquet file; while going through
            the rows, if a file is damaged, has no such columns, or has numbers that aren't those
            of its classes.
    """
    return _unpacked(root, _files(root), audio_column, columns)


def _files(root: Path) -> Sequence[Path]:
    if find_spec("pyarrow") is None:
        raise CorpusError(f"{root}: reading Parquet files needs pyarrow; pip install 'fedasc[hf]'")
    files = []
    entered = set()
    for place, folders, names in os.walk(root, followlinks=True):
        if (real := os.path.realpath(place)) in entered:
            folders.clear()  # through a link
            continue
        entered.add(real)
        files += [Path(place, name) for name in names if re.fullmatch(r"[^.].*\.parquet", name)]
    if not files:
        raise CorpusError(f"{root}: holds no Parquet files")
    return sorted(files)


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    """A Parquet file; whatever is wrong with it becomes a CorpusError."""
    import pyarrow  # optional, and slow to import
    from pyarrow import parquet

    try:
        # pyarrow buffers ahead unless told otherwise, and then holds all row groups in memory
        with parquet.ParquetFile(file, pre_buffer=False) as content:
            yield content
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise CorpusError(
            f"{file}: not a readable Parquet file ({error}); download it again"
        ) from error


def _unpacked(
    root: Path, files: Sequence[Path], audio_column: str, columns: Sequence[str] | None
) -> Iterator[Row]:
    classes = {file: _classes(file) for file in files}
    named_somewhere = set().union(*classes.values())
    for file in files:
        taken: set[str] = set()
        for number, row in enumerate(_rows(file, audio_column, columns)):
            place = f"{file.relative_to(root).as_posix()}, row {number}"
            audio = row.pop(audio_column)
            if not isinstance(audio, Mapping):
                audio = {"path" if isinstance(audio, str) else "bytes": audio}
            content, called = audio.get("bytes"), audio.get("path") or ""
            known = {
                column: named(value, classes[file].get(column, ()), where=place, column=column)
                if column in named_somewhere
                else value
                for column, value in row.items()
            }
            if not content:
                yield Row(_beside(file, called, root), known, place)
                continue
            name = _name(row.get(_VIDEO), called, content, number=number, taken=taken)
            path = file.with_suffix("") / name
            if not path.is_file() or path.stat().st_size != len(content):
                with replaced(path) as new:
                    new.write(content)
            yield Row(path.relative_to(root).as_posix(), known, place)


def _classes(file: Path) -> Classes:
    with _opened(file) as content:
        return classes_of((content.schema_arrow.metadata or {}).get(b"huggingface"), file=file)


def _beside(file: Path, called: str, root: Path) -> str | None:
    """Where audio lies that a row only names, relative to the root; None if not below it."""
    for folder in (file.parent, root):
        path = os.path.relpath(folder / called, root)
        if called and not path.startswith("..") and os.path.isfile(root / path):
            return Path(path).as_posix()
    return None


def _name(video: object, called: str, content: bytes, *, number: int, taken: set[str]) -> str:
    """What to call the audio of a row; nothing else in its folder is called so."""
    whole = PurePosixPath(called.replace("\\", "/"))
    has_suffix = _SUFFIX.fullmatch(whole.suffix)
    stem = str(video or (whole.stem if has_suffix else whole.name))
    stem = re.sub(r"[^\w.-]", "_", stem).lstrip(".")
    name = stem.encode()[:_MAX_STEM_BYTES].decode(errors="ignore") or f"{number:06d}"
    while name.casefold() in taken:  # some file systems don't tell A from a
        name += f"-{number:06d}"
    taken.add(name.casefold())
    return name + (whole.suffix.lower() if has_suffix else _suffix(content))


def _rows(file: Path, audio_column: str, columns: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    from pyarrow import null  # optional, and slow to import

    with _opened(file) as content:
        kinds = {field.name: field.type for field in content.schema_arrow}
        if not _holds_audio(kinds.get(audio_column, null())):
            raise CorpusError(
                f"{file}: expected a column {audio_column!r} of structs with bytes and path, "
                f"got {', '.join(f'{name} ({kind})' for name, kind in kinds.items())}"
            )
        if missing := [name for name in columns or () if name not in kinds]:
            others = [name for name in kinds if name != audio_column]
            raise CorpusError(
                f"{file}: no {missing[0]!r} in a row; its columns are {', '.join(others)}"
            )
        wanted = kinds if columns is None else {audio_column, *columns, _VIDEO} & {*kinds}
        for group in range(content.num_row_groups):
            for batch in content.iter_batches(_BATCH_ROWS, row_groups=[group], columns=[*wanted]):
                yield from batch.to_pylist()


def _holds_audio(kind: Any) -> bool:
    from pyarrow import types  # optional, and slow to import

    if types.is_dictionary(kind):
        kind = kind.value_type
    has_bytes = types.is_struct(kind) and kind.get_field_index("bytes") >= 0
    bytes_alone = (types.is_binary, types.is_large_binary, types.is_binary_view)
    paths_alone = (types.is_string, types.is_large_string, types.is_string_view)
    return has_bytes or any(fits(kind) for fits in (*bytes_alone, *paths_alone))


def _suffix(content: bytes) -> str:
    return next((suffix for magic, suffix in _FORMATS if magic.match(content)), "")
