"""The ground that banks are tried on: a corpus and its split, the same as a run's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fedasc.config import fingerprint
from fedasc.corpus.clips import Clips
from fedasc.corpus.library import Library, catalogue
from fedasc.corpus.pool import open_complete_pool
from fedasc.corpus.recordings import Corpus, Recording
from fedasc.corpus.splits import split_again, split_by_group
from fedasc.corpus.windows import Windows, draw_windows
from fedasc.errors import CorpusError
from fedasc.progress import Progress, quiet
from fedasc.scenes import N_SCENES
from fedasc.seeds import Purpose, Streams

_TRAINING = "train"

FOLDS, WINDOWS, TRAINING, TRIES = range(4)
"""Addresses of a search's streams."""


@dataclass(frozen=True)
class Ground:
    """A corpus and its split.

    Args:
        clips: Sound of the pool.
        recordings: The recording of each clip.
        parts: The part of the split that each stands in.
        streams: Random streams of the run.
        name: Fingerprint of the corpus, for the cache.
    """

    clips: Clips
    recordings: tuple[Recording, ...]
    parts: tuple[str, ...]
    streams: Streams
    name: str

    @property
    def library(self) -> Library:
        return catalogue(self.recordings, self.parts)

    def folds(self, n_folds: int, n_windows: int) -> tuple[Windows, ...]:
        """Windows from the training part, such that folds share no group of recordings.

        Args:
            n_windows: Of all folds together, the four scenes about equally often.

        Raises:
            CorpusError: If the training part holds too few groups.
        """
        inside = [i for i, part in enumerate(self.parts) if part == _TRAINING]
        names = [f"fold {number}" for number in range(n_folds)]
        placed = split_by_group(
            [replace(self.recordings[i], split="") for i in inside],
            rng=self.streams.generator(Purpose.BANK_SEARCH, FOLDS),
            shares=dict.fromkeys(names, 1 / n_folds),
        )
        parts = list(self.parts)
        for i, name in zip(inside, placed, strict=True):
            parts[i] = name
        library = catalogue(self.recordings, parts)
        try:
            return tuple(
                draw_windows(
                    library.material(name),
                    n_windows // n_folds,
                    shares=[1 / N_SCENES] * N_SCENES,
                    rng=self.streams.generator(Purpose.BANK_SEARCH, WINDOWS, number),
                )
                for number, name in enumerate(names)
            )
        except CorpusError as error:
            raise CorpusError(
                f"the training part can't be divided into {n_folds} folds that share no group "
                f"({error}); take fewer folds or a larger corpus"
            ) from None


def open_ground(
    corpora: Sequence[Corpus],
    *,
    seed: int,
    nested: bool = False,
    n_jobs: int = 1,
    progress: Progress = quiet,
) -> Ground:
    """Decode corpora and split them as a run with this seed does.

    Args:
        nested: Whether the server's part is split once more and all else is left alone.

    Raises:
        CorpusError: If a corpus can't be used.
    """
    streams = Streams(seed)
    pool = open_complete_pool(corpora, n_jobs=n_jobs, progress=progress)
    parts = split_by_group(pool.recordings, rng=streams.generator(Purpose.SPLIT))
    if nested:
        parts = split_again(pool.recordings, parts, rng=streams.generator(Purpose.SPLIT, 1))
    name = fingerprint([corpus.fingerprint() for corpus in corpora])
    return Ground(
        clips=pool.clips,
        recordings=pool.recordings,
        parts=parts,
        streams=streams,
        name=f"{name} nested" if nested else name,
    )
