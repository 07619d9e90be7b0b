"""The library: which clips of the pool there are, by part, label, domain and type."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Material:
    """Clips to draw windows from, as indices into the pool.

    Args:
        noise: (n_noise,)
        music: (n_music,)
        speech: (n_speech,)
    """

    noise: IntArray
    music: IntArray
    speech: IntArray


@dataclass(frozen=True)
class Library:
    """The clips of a pool in order, each with its place.

    Args:
        parts: Part of the split.
        labels: noise, music or speech.
        domains: Surroundings of a noise, or empty.
        types: Noise type, genre or kind of speech.
    """

    parts: tuple[str, ...]
    labels: tuple[str, ...]
    domains: tuple[str, ...]
    types: tuple[str, ...]

    def material(
        self,
        part: str,
        *,
        noise_types: Iterable[str] | None = None,
        genres: Iterable[str] | None = None,
    ) -> Material:
        """The clips of one part, of all or of the named noise types and genres."""
        wanted = {
            "noise": None if noise_types is None else set(noise_types),
            "music": None if genres is None else set(genres),
            "speech": None,
        }
        found: dict[str, list[int]] = {label: [] for label in wanted}
        for index, (its_part, label, kind) in enumerate(
            zip(self.parts, self.labels, self.types, strict=True)
        ):
            types = wanted[label]
            if its_part == part and (types is None or kind in types):
                found[label].append(index)
        return Material(**{label: np.array(found[label], np.int64) for label in found})

    def types_named(self, names: Iterable[str], *, label: str, where: str) -> tuple[str, ...]:
        """The types of a label that are meant by names of types or of whole domains.

        Raises:
            CorpusError: If the corpus has neither such a type nor such a domain.
        """
        known: dict[str, set[str]] = {}
        for its_label, domain, kind in zip(self.labels, self.domains, self.types, strict=True):
            if its_label == label:
                known.setdefault(kind, set()).add(kind)
                known.setdefault(domain or kind, set()).add(kind)
        for name in names:
            if name not in known:
                raise CorpusError(
                    f"{where}: the corpus has no {label} {name!r}; it has "
                    f"{', '.join(sorted(known))}; name these in a profiles file (--profiles)"
                )
        return tuple(sorted(set().union(*(known[name] for name in names))))

    def types_in_all(
        self, types: Iterable[str], parts: Sequence[str], *, label: str
    ) -> tuple[str, ...]:
        """Those of the types of a label that have clips in each of the parts."""
        present = set(zip(self.parts, self.labels, self.types, strict=True))
        return tuple(
            kind for kind in types if all((part, label, kind) in present for part in parts)
        )


def catalogue(recordings: Sequence[Recording], parts: Sequence[str]) -> Library:
    """The library of a pool's recordings and the part that each stands in."""
    return Library(
        tuple(parts),
        tuple(recording.label for recording in recordings),
        tuple(recording.domain for recording in recordings),
        tuple(recording.type for recording in recordings),
    )
