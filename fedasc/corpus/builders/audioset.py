"""AudioSet: segments of YouTube videos with labels, and whatever audio of them is at hand."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fedasc.audio.files import length_s
from fedasc.corpus.builders.build import Build, Left
from fedasc.corpus.builders.ontology import Labels, labels_of, read_ontology, types_by_labels
from fedasc.corpus.builders.parquet import unpack
from fedasc.corpus.builders.segments import TOLERANCE_S, Stretch, read_segments
from fedasc.corpus.builders.tree import contents, tree_of
from fedasc.corpus.recordings import Recording
from fedasc.corpus.vocabulary import Vocabulary
from fedasc.errors import CorpusError

LICENCE = (
    "AudioSet's labels are CC BY 4.0 (Google) and its ontology is CC BY-SA 4.0; the audio belongs "
    "to those who uploaded it to YouTube."
)

NOT_LISTED = "its name holds no YouTube id of a listed segment"
OTHER_START = "the start in its name is not that of the listed segment"
SECOND_FILE = "another file of the same segment comes first"
UNREADABLE = "its format can't be read; convert it to WAV or FLAC"
NOT_EMBEDDED = "its row embeds no audio"
NO_LENGTH = "its length can't be told; make it anew, as WAV or FLAC"
TOO_LONG = "it is longer than its segment, and nothing tells where in it that lies"
NO_FILE = "no audio file of theirs can be used"

_READABLE = frozenset({".flac", ".mp3", ".ogg", ".opus", ".wav"})
_AUDIO = _READABLE | {".aac", ".m4a", ".mka", ".mkv", ".mp4", ".webm"}
_SEGMENT_S = 10.0  # that which all are, but for some shorter ones
# An id holds - and _ too, but what follows it is a separator and a number, which fits at one place
# of a name only.
_NAME = re.compile(
    r"Y?(?P<id>[\w-]{11})(?:[_-](?P<start>\d+(?:\.\d+)?)(?:[_-](?P<end>\d+(?:\.\d+)?))?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class _Clip:
    """What an audio file holds."""

    video: str
    labels: Labels
    stretch: Stretch = (0.0, None)


def build_audioset(
    root: Path,
    *,
    vocabulary: Vocabulary,
    ontology: Path | None = None,
    audio: Path | None = None,
) -> Build:
    """The recordings of a copy of AudioSet, however complete.

    The folder holds one or more of AudioSet's three tables of segments (`eval_segments.csv` and
    so on), anywhere, and audio files that bear a YouTube id: `ID.wav`, `ID_30.wav`,
    `ID_30.000_40.000.wav`, `ID_30000_40000.flac`, `ID-30.wav`, each also with a `Y` before the id.
    Or it holds Parquet files from Hugging Face with the columns video_id, labels and audio; then
    the audio is unpacked beside them, and neither tables nor other files are looked at.

    Which labels make which type, `types_by_labels` tells. The video is a recording's group. Labels
    are of a segment, not of all the file: one that is more than 1 s longer is cut to it where the
    times tell how (see `Segment.stretch`), else left out. To tell lengths, all files are opened.

    Args:
        root: Folder of the corpus.
        vocabulary: Noise types and genres to look for.
        ontology: AudioSet's ontology.json; the one in root if None.
        audio: Folder of the audio files if they lie elsewhere.

    Returns:
        Recordings with paths relative to root. Every audio file that isn't used is named with the
        reason; segments without any are counted.

    Raises:
        CorpusError: If tables, audio or ontology are missing, or a line can't be used.
    """
    sounds = read_ontology(ontology or root / "ontology.json")
    files = _files(root)
    if any(path.endswith(".parquet") for path in files):
        clips, left = _embedded(root)
    else:
        heard = files if audio is None else _files(audio, seen_from=root)
        clips, left = _listed(root, files, heard)
    types, unfit = types_by_labels(
        {path: clip.labels for path, clip in clips.items()}, vocabulary=vocabulary, ontology=sounds
    )
    recordings = tuple(
        Recording(
            path=path,
            label=kind.label,
            type=kind.name,
            domain=kind.domain,
            group=clips[path].video,
            origin=f"youtube:{clips[path].video}",
            start_s=clips[path].stretch[0],
            duration_s=clips[path].stretch[1],
        )
        for path, kind in sorted(types.items())
    )
    return Build(recordings=recordings, licence=LICENCE, left=(*left, *unfit))


def _files(folder: Path, *, seen_from: Path | None = None) -> Sequence[str]:
    """Paths of all files below a folder, in order; relative to it or to another."""
    start = os.path.relpath(folder.resolve(), (seen_from or folder).resolve())
    return sorted(PurePosixPath(start, path).as_posix() for path in tree_of(folder).files)


def _embedded(root: Path) -> tuple[Mapping[str, _Clip], Left]:
    """The clips of Parquet files by path, and what was left out."""
    clips: dict[str, _Clip] = {}
    left = []
    videos = set()
    for row in unpack(root, columns=("video_id", "labels")):
        video, mids = row.columns.get("video_id"), row.columns.get("labels")
        if not (isinstance(video, str) and isinstance(mids, list) and all(map(_is_text, mids))):
            raise CorpusError(
                f"{root}: expected Parquet files with a video_id and a list of labels in each row, "
                f"got {video!r} and {mids!r} in {row.place}"
            )
        if row.path is None:
            left.append((video, NOT_EMBEDDED))
        elif os.path.splitext(row.path)[1].lower() not in _READABLE:
            left.append((row.path, UNREADABLE))
        elif video in videos:
            left.append((row.path, SECOND_FILE))
        elif (seconds := length_s(root / row.path)) > _SEGMENT_S + TOLERANCE_S or not seconds:
            left.append((row.path, TOO_LONG if seconds else NO_LENGTH))
        else:
            videos.add(video)
            clips[row.path] = _Clip(video, labels_of(",".join(mids)))
    return clips, tuple(left)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _listed(
    root: Path, files: Sequence[str], audio: Sequence[str]
) -> tuple[Mapping[str, _Clip], Left]:
    """The clips by path that the tables among the files list, and what was left out."""
    names = {
        path: _NAME.fullmatch(stem)
        for path in audio
        for stem, suffix in [os.path.splitext(path.rpartition("/")[2])]
        if suffix.lower() in _AUDIO
    }
    if not names:
        raise CorpusError(f"{root}: expected audio files named by YouTube ids; {contents(root)}")
    wanted = {name["id"] for name in names.values() if name}
    segments, n_listed = read_segments(root, files, wanted=wanted)
    clips: dict[str, _Clip] = {}
    left = []
    videos = set()
    for path, name in names.items():
        segment = segments.get(name["id"]) if name else None
        if name is None or segment is None:
            left.append((path, NOT_LISTED))
        elif not segment.starts_at(name["start"]):
            left.append((path, OTHER_START))
        elif os.path.splitext(path)[1].lower() not in _READABLE:
            left.append((path, UNREADABLE))
        elif name["id"] in videos:
            left.append((path, SECOND_FILE))
        elif not (seconds := length_s(root / path)):
            left.append((path, NO_LENGTH))
        elif not (stretch := segment.stretch(seconds, named_s=segment.named_s(*name.groups()[1:]))):
            left.append((path, TOO_LONG))
        else:
            videos.add(name["id"])
            clips[path] = _Clip(name["id"], segment.labels, stretch)
    if n_listed > len(clips):
        left.append((f"{n_listed - len(clips)} of {n_listed} segments", NO_FILE))
    return clips, tuple(left)
