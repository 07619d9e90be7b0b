"""A division: corpora, decoded and split, as all that is done with them starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fedasc.config import fingerprint
from fedasc.corpus.clips import Clips
from fedasc.corpus.library import Library, catalogue
from fedasc.corpus.pool import Pool, open_complete_pool, open_pool
from fedasc.corpus.recordings import Corpus, Recording
from fedasc.corpus.splits import split_again, split_by_group
from fedasc.progress import Progress, quiet
from fedasc.seeds import Purpose, Streams


@dataclass(frozen=True)
class Division:
    """Corpora and their split.

    Args:
        pool: Their clips.
        parts: The part of the split that each clip stands in.
        streams: Random streams of the run that splits so.
        name: Tells it from other corpora and splits, whatever code makes them.
    """

    pool: Pool
    parts: tuple[str, ...]
    streams: Streams
    name: str

    @property
    def clips(self) -> Clips:
        """Sound of the pool."""
        return self.pool.clips

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """The recording of each clip."""
        return self.pool.recordings

    @cached_property
    def library(self) -> Library:
        """What each clip is, and its part."""
        return catalogue(self.recordings, self.parts)

    @property
    def origin(self) -> tuple[Any, ...]:
        """All that windows depend on that are drawn from it, for the cache."""
        return self.pool.entries, self.library.digest, self.streams


def open_division(
    corpora: Sequence[Corpus],
    *,
    seed: int,
    nested: bool = False,
    complete: bool = True,
    strict: bool = False,
    n_jobs: int = 1,
    progress: Progress = quiet,
) -> Division:
    """Decode corpora and split them, as every run with this seed does.

    Args:
        corpora: Where recordings come from; at least one.
        nested: Whether the server's part is split once more and all else is left alone.
        complete: Refuse corpora that lack noise, music or speech.
        strict: Refuse recordings that can't be used, instead of leaving them out.
        n_jobs: Processes that decode; changes no result.

    Raises:
        CorpusError: If a corpus can't be used; see `open_pool`.
    """
    streams = Streams(seed)
    opened = open_complete_pool if complete else open_pool
    pool = opened(corpora, strict=strict, n_jobs=n_jobs, progress=progress)
    parts = split_by_group(pool.recordings, rng=streams.generator(Purpose.SPLIT))
    name = fingerprint([corpus.fingerprint() for corpus in corpora])
    if nested:
        parts = split_again(pool.recordings, parts, rng=streams.generator(Purpose.SPLIT, 1))
        name = f"{name} nested"
    return Division(pool, parts, streams, name)
