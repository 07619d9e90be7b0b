"""A folder of recordings without a manifest: labels, types and groups are what folders say."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path, PurePosixPath

from fedasc.config import fingerprint
from fedasc.corpus.builders.folders import list_folder, unlabelled_in_words
from fedasc.corpus.builders.naming import AS_NAMED, Naming
from fedasc.corpus.builders.tree import AUDIO_SUFFIXES
from fedasc.corpus.manifest import ManifestCorpus, read_manifest
from fedasc.corpus.recordings import LABELS, Corpus
from fedasc.errors import CorpusError, SettingsError, printable

_log = logging.getLogger(__name__)

MANIFEST = "manifest.csv"
"""What a folder's own manifest is called."""

_PUBLISHED: Mapping[str, tuple[str, ...]] = {
    "esc50": ("meta/esc50.csv",),
    "fsd50k": ("FSD50K.ground_truth",),
    "musan": ("noise/free-sound", "speech/librivox", "musan/*/*"),
    "audioset": ("*_segments.csv",),
    "huggingface": ("*.parquet", "*/*.parquet"),
    "tau": ("evaluation_setup/fold1_*.csv", "audio/*-*-*-*-a.wav", "*/audio/*-*-*-*-a.wav"),
    "urbansound8k": ("metadata/UrbanSound8K.csv", "*/metadata/UrbanSound8K.csv"),
    "hear-ds": ("*/Background/*_*kHz*.wav", "*/*/Background/*_*kHz*.wav", "*/*/rec_id_*_cut_*.wav"),
    "ahead-ds": ("in_traffic_0*.wav", "*/in_traffic_0*.wav", "*/in_traffic_env_0*.wav"),
}
"""What tells of a corpus that another builder reads, by kind: patterns of paths."""

_LABELLED = ("musan", "hear-ds", "ahead-ds")
"""Of these, those whose folders say labels, too."""


@dataclass(frozen=True)
class FolderCorpus(ManifestCorpus):
    """The recordings of a folder, as a manifest in it would list them; nothing is written there.

    Args:
        naming: What its folders and files are called.
        unlabelled: Folders that say no label, and how many audio files are in each.
        others: Further files, and why they are no recordings.
    """

    naming: Naming = field(default=AS_NAMED, repr=False)
    unlabelled: Mapping[str, int] = field(default_factory=dict, repr=False)
    others: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def folder(self) -> Path:
        return self.manifest.parent

    @property
    def name(self) -> str:
        return str(self.folder)

    @cached_property
    def _content(self) -> str:
        # What files hold stands there as their origin.
        return fingerprint([astuple(recording) for recording in self.recordings])

    def in_words(self) -> str:
        """What was taken for what, and what is no audio."""
        lines = []
        for label in LABELS:
            some = [recording for recording in self.recordings if recording.label == label]
            if some:
                types = list(dict.fromkeys(recording.type for recording in some))
                n_groups = len({recording.group for recording in some})
                apart = "each by itself" if n_groups == len(some) else f"in {n_groups} groups"
                lines.append(f"  {label}: {_listed(types)}; {len(some)} files, {apart}")
                if label == "speech" and len(types) > 1 and n_groups == len(some):
                    lines.append(
                        "    (if these are speakers, a voice stands on both sides of the split; "
                        "from four speakers on, give each file's as its group, such as "
                        f"--group '({PurePosixPath(some[0].path).parts[0]}/[^/]*)/')"
                    )
        contents = {recording.origin or recording.path for recording in self.recordings}
        if n_copies := len(self.recordings) - len(contents):
            hold = "1 file holds" if n_copies == 1 else f"{n_copies} files hold"
            lines.append(f"  {hold} the same as another; these stay on one side of the split")
        for reason, names in _by_reason(self.others).items():
            lines.append(f"  {reason}: {_listed(names)}")
        return "\n".join([f"{self.name}, by the names of its folders:", *lines])


def read_corpus(path: Path, naming: Naming = AS_NAMED) -> ManifestCorpus:
    """The recordings that a manifest lists, or that a folder holds; its manifest's, if it has one.

    Args:
        naming: What folders and files are called; for a folder without a manifest.

    Raises:
        CorpusError: If they can't be used; see `read_manifest`.
        SettingsError: If a naming was given for a manifest.
    """
    manifest = path / MANIFEST if path.is_dir() else path
    if path.is_dir() and (manifest.is_dir() or not manifest.exists()):
        return read_folder(path, naming)
    if not manifest.exists():
        raise CorpusError(
            f"{path}: no such manifest or folder; give what lists or holds recordings"
        )
    if path.suffix.lower() in AUDIO_SUFFIXES:
        raise CorpusError(f"{path}: is a recording; give the folder that it is in, or a manifest")
    if naming != AS_NAMED:
        raise SettingsError(
            f"{manifest} says what is what; --label and --group are for folders without a manifest"
        )
    return read_manifest(manifest)


def read_folder(folder: Path, naming: Naming = AS_NAMED) -> FolderCorpus:
    """The recordings of a folder, whether it has a manifest or not.

    Raises:
        CorpusError: If it holds none, or is a published corpus, which another builder reads.
        SettingsError: If what the naming is about isn't there.
    """
    listing = list_folder(folder, naming)
    for kind, patterns in _PUBLISHED.items():
        sign = next(chain.from_iterable(map(folder.glob, patterns)), None)
        if sign and (kind in _LABELLED or not listing.recordings):
            raise CorpusError(
                f"{folder}: seems to be a published corpus, for it holds "
                f"{sign.relative_to(folder)}; have it listed by fedasc corpus build {kind} {folder}"
            )
    if not listing.recordings and not listing.unlabelled:
        raise CorpusError(
            f"{folder}: holds no audio files, and no {MANIFEST}; give a folder of recordings"
        )
    return FolderCorpus(
        folder / MANIFEST, listing.recordings, naming, listing.unlabelled, listing.others
    )


def require_some(corpora: Sequence[Corpus]) -> None:
    """Refuse folders, if no name in any of them says noise, music or speech; warn of other names.

    Raises:
        CorpusError: Naming what they hold.
    """
    for folder in _folders(corpora):
        if not any(corpus.recordings for corpus in corpora):
            raise CorpusError(
                f"{folder.name}: no folder's name says noise, music or speech; "
                f"{unlabelled_in_words(folder.unlabelled)}"
            )
        if folder.unlabelled:
            _log.warning(
                "%s: left out what no folder's name says is noise, music or speech; %s",
                folder.name,
                unlabelled_in_words(folder.unlabelled),
            )


def require_all(corpora: Sequence[Corpus]) -> None:
    """Refuse corpora, folders among them, that have no noise, no music or no speech; likewise.

    Raises:
        CorpusError: Naming what folders hold that says neither.
    """
    folders = _folders(corpora)
    held = {recording.label for corpus in corpora for recording in corpus.recordings}
    missing = [label for label in LABELS if label not in held]
    if folders and missing:
        names = ", ".join(corpus.name for corpus in folders)
        unlabelled = [corpus.unlabelled for corpus in folders if corpus.unlabelled]
        cure = (
            unlabelled_in_words(unlabelled[0], missing[0])
            if unlabelled
            else "add a folder or another corpus"
        )
        raise CorpusError(f"{names}: no folder's name says {' or '.join(missing)}; {cure}")
    require_some(corpora)


def _folders(corpora: Sequence[Corpus]) -> Sequence[FolderCorpus]:
    return [corpus for corpus in corpora if isinstance(corpus, FolderCorpus)]


def _listed(names: Sequence[str], *, n_listed: int = 10) -> str:
    more = [f"{len(names) - n_listed} more"] if len(names) > n_listed else []
    return ", ".join([*map(printable, names[:n_listed]), *more])


def _by_reason(others: Sequence[tuple[str, str]]) -> Mapping[str, Sequence[str]]:
    """Reasons, with suffixes and their numbers, or names of files without."""
    reasons: dict[str, Counter[str]] = {}
    for name, reason in others:
        reasons.setdefault(reason, Counter())[PurePosixPath(name).suffix.lower() or name] += 1
    return {
        reason: [f"{name} ({n})" if n > 1 else name for name, n in counts.items()]
        for reason, counts in reasons.items()
    }
