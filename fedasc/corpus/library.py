"""The library: which clips of the pool there are, by part, label, domain and type."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.config import fingerprint
from fedasc.corpus.parts import SERVER_PARTS
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError

IntArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What there is to hear.

    Args:
        noise_types: Noise types; all if None.
        genres: Music; all if None.
        noise_weights: How often each noise type is heard, relative to the others; by the number of
            its clips if empty.
        genre_weights: Likewise for the genres.
        data_set: Data set that all clips, those of speech too, belong to; any if empty.
        microphone: Device that recorded all clips, those of speech too, but for those of which it
            isn't known; any if empty.
    """

    noise_types: tuple[str, ...] | None = None
    genres: tuple[str, ...] | None = None
    noise_weights: tuple[float, ...] = ()
    genre_weights: tuple[float, ...] = ()
    data_set: str = ""
    microphone: str = ""

    def types(self) -> Mapping[str, tuple[str, ...] | None]:
        """What is heard of each label; all of it where None."""
        return {"noise": self.noise_types, "music": self.genres, "speech": None}

    def weights(self, label: str) -> Mapping[str, float]:
        """The weight of each type of a label; empty if it goes by the number of clips."""
        if label == "noise" and self.noise_weights:
            return dict(zip(self.noise_types or (), self.noise_weights, strict=True))
        if label == "music" and self.genre_weights:
            return dict(zip(self.genres or (), self.genre_weights, strict=True))
        return {}


EVERYTHING = Surroundings()


@dataclass(frozen=True)
class Excerpt:
    """Some of the recordings of a part, or some stretches of them.

    Args:
        groups: The recordings by label; all of a label that isn't named.
        stretches: Of the clips of a recording the earlier half, which is the larger one; the later
            half, or the clip itself of a recording that has just one; or all.
    """

    groups: Mapping[str, Set[str]] = field(default_factory=dict)
    stretches: Literal["all", "earlier", "later"] = "all"

    def of(self, clips: Sequence[int]) -> Sequence[int]:
        """The clips, in order, of a recording's."""
        if self.stretches == "all":
            return clips
        n_earlier = len(clips) - len(clips) // 2
        return clips[:n_earlier] if self.stretches == "earlier" else clips[n_earlier:] or clips


WHOLE = Excerpt()


@dataclass(frozen=True)
class Deck:
    """Clips of one label to draw from.

    Args:
        clips: (n_clips,) indices into the pool.
        weights: (n_clips,) how often each is drawn; None if they take turns.
    """

    clips: IntArray
    weights: FloatArray | None = None

    def deal(self, n: int, rng: np.random.Generator) -> IntArray:
        """N clips: by their weights, or from a pack that is shuffled whenever it is used up.

        Raises:
            CorpusError: If there are none.
        """
        if n and not len(self.clips):
            raise CorpusError("a class is to be heard that has no clips in this part of the corpus")
        if self.weights is not None:
            return rng.choice(self.clips, size=n, p=self.weights)
        packs = [rng.permutation(self.clips) for _ in range(-(-n // max(len(self.clips), 1)))]
        return np.concatenate([np.empty(0, np.int64), *packs])[:n].astype(np.int64)


@dataclass(frozen=True)
class Material:
    """Clips to draw windows from, by label."""

    noise: Deck
    music: Deck
    speech: Deck


@dataclass(frozen=True)
class Library:
    """The clips of a pool in order, each with its place.

    Args:
        parts: Part of the split.
        labels: noise, music or speech.
        domains: Surroundings of a noise, or empty.
        types: Noise type, genre or kind of speech.
        sets: Data sets; empty if the corpus has none.
        groups: The recording that a clip belongs to; empty if each is one of its own.
        microphones: The device that recorded a clip, empty where it isn't known; empty if it is of
            none.
        full_scale_db_spl: Level of 0 dBFS in a clip, None where it isn't calibrated; empty if none
            is.
    """

    parts: tuple[str, ...]
    labels: tuple[str, ...]
    domains: tuple[str, ...]
    types: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]
    groups: tuple[str, ...] = ()
    microphones: tuple[str, ...] = ()
    full_scale_db_spl: tuple[float | None, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Changes with the place of any clip."""
        return fingerprint(*(getattr(self, field.name) for field in fields(self)))

    def material(
        self, part: str, surroundings: Surroundings = EVERYTHING, excerpt: Excerpt = WHOLE
    ) -> Material:
        """The clips of one part that surroundings are made of, or an excerpt of them."""
        return Material(
            **{
                label: self._deck(part, label, surroundings, excerpt)
                for label in surroundings.types()
            }
        )

    def _deck(self, part: str, label: str, surroundings: Surroundings, excerpt: Excerpt) -> Deck:
        packs = self._packs(part, label, surroundings, excerpt)
        weights = surroundings.weights(label)
        clips = np.array(sorted(index for pack in packs.values() for index in pack), np.int64)
        if not weights or not len(clips):
            return Deck(clips)
        each = np.array([weights[self.types[i]] / len(packs[self.types[i]]) for i in clips])
        return Deck(clips, each / each.sum())

    def _packs(
        self, part: str, label: str, surroundings: Surroundings, excerpt: Excerpt = WHOLE
    ) -> Mapping[str, Sequence[int]]:
        """Indices of the clips of a label by type, of the types that are there."""
        packs = self._shelf(part, label, surroundings.data_set, surroundings.microphone)
        types = surroundings.types()[label]
        if types is not None:
            packs = {kind: packs[kind] for kind in types if kind in packs}
        if excerpt == WHOLE:
            return packs
        chosen = excerpt.groups.get(label)
        some = {
            kind: [
                clip
                for group, clips in self._by_group(pack).items()
                if chosen is None or group in chosen
                for clip in excerpt.of(clips)
            ]
            for kind, pack in packs.items()
        }
        return {kind: pack for kind, pack in some.items() if pack}

    def _by_group(self, pack: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Clips of a pack, in order, by the recording that they belong to."""
        groups: dict[str, list[int]] = {}
        for clip in pack:
            groups.setdefault(self.groups[clip] if self.groups else f"{clip}", []).append(clip)
        return groups

    def recordings(self, part: str, label: str, surroundings: Surroundings) -> Mapping[str, str]:
        """The groups of recordings that surroundings are made of, in order, and each one's type.

        A group that has several types stands under the first of them.
        """
        packs = self._packs(part, label, surroundings)
        types: dict[str, str] = {}
        for kind in sorted(packs):
            for group in self._by_group(packs[kind]):
                types.setdefault(group, kind)
        return dict(sorted(types.items()))

    def _shelf(
        self, part: str, label: str, data_set: str, microphone: str
    ) -> Mapping[str, Sequence[int]]:
        """Indices of the clips of one label by type, of any data set or device where empty."""
        return self._shelves.get((part, label, data_set, microphone), {})

    @cached_property
    def _shelves(self) -> Mapping[tuple[str, str, str, str], Mapping[str, Sequence[int]]]:
        shelves: dict[tuple[str, str, str, str], dict[str, list[int]]] = {}
        for index, (part, label, kind, sets) in enumerate(
            zip(self.parts, self.labels, self.types, self.sets, strict=True)
        ):
            hers = self.microphones[index] if self.microphones else ""
            for data_set in ("", *sets):
                for microphone in ("", *([hers] if hers else self.devices)):
                    shelf = shelves.setdefault((part, label, data_set, microphone), {})
                    shelf.setdefault(kind, []).append(index)
        return shelves

    @cached_property
    def devices(self) -> tuple[str, ...]:
        """Names of the devices that recorded clips."""
        return tuple(sorted({*self.microphones} - {""}))

    def shares(
        self, part: str, label: str, surroundings: Surroundings, excerpt: Excerpt = WHOLE
    ) -> Mapping[str, float]:
        """How often each type of a label is heard; the shares add up to 1."""
        packs = self._packs(part, label, surroundings, excerpt)
        weights = surroundings.weights(label)
        type_weights = {kind: weights.get(kind, len(pack)) for kind, pack in packs.items()}
        total = sum(type_weights.values())
        return {kind: weight / total for kind, weight in type_weights.items()}

    def types_named(
        self,
        names: Iterable[str],
        *,
        label: str,
        where: str,
        more: Mapping[str, Iterable[str]] = MappingProxyType({}),
    ) -> tuple[str, ...]:
        """The types of a label that are meant by names of types or of whole domains.

        "*" are all types, "*half" those of `half`.

        Args:
            more: Further names, which begin with "*", and the types that they mean.

        Raises:
            CorpusError: If the corpus has neither such a type nor such a domain.
        """
        known: dict[str, set[str]] = {"*half": set(self.half(label))}
        known |= {name: set(types) for name, types in more.items()}
        for clip_label, domain, kind in zip(self.labels, self.domains, self.types, strict=True):
            if clip_label == label:
                for name in (kind, domain or kind, "*"):
                    known.setdefault(name, set()).add(kind)
        for name in names:
            if name not in known:
                raise CorpusError(
                    f"{where}: the corpus has no {label} {name!r}; it has "
                    f"{', '.join(sorted(one for one in known if not one.startswith('*')))}; name "
                    "these in a profiles file (--profiles), or take --profiles auto"
                )
        return tuple(sorted(set().union(*(known[name] for name in names))))

    def half(self, label: str) -> tuple[str, ...]:
        """Half of the types of a label, rounded up: the first ones, by name, to train on.

        One of them at least has clips to validate on, or else one more that has.
        """
        types = {kind for of, kind in zip(self.labels, self.types, strict=True) if of == label}
        n = (len(types) + 1) // 2
        trained, validated = (
            self.types_in_all(sorted(types), [part], label=label) for part in SERVER_PARTS
        )
        if set(trained[:n]) & set(validated):
            return trained[:n]
        both = [kind for kind in validated if kind in trained]
        return (*trained[: n - 1], both[0]) if both else (*trained[:n], *validated[:1])

    def types_in_all(
        self,
        types: Iterable[str],
        parts: Sequence[str],
        *,
        label: str,
        data_set: str = "",
        microphone: str = "",
    ) -> tuple[str, ...]:
        """Those of the types of a label that have clips in each of the parts."""
        shelves = [self._shelf(part, label, data_set, microphone) for part in parts]
        return tuple(kind for kind in types if all(kind in shelf for shelf in shelves))


def catalogue(recordings: Sequence[Recording], parts: Sequence[str]) -> Library:
    """The library of a pool's recordings and the part that each stands in."""
    microphones = tuple(recording.microphone for recording in recordings)
    full_scales = tuple(recording.calibration_db_spl for recording in recordings)
    return Library(
        tuple(parts),
        tuple(recording.label for recording in recordings),
        tuple(recording.domain for recording in recordings),
        tuple(recording.type for recording in recordings),
        tuple(recording.sets for recording in recordings),
        tuple(recording.group for recording in recordings),
        microphones=microphones if any(microphones) else (),
        full_scale_db_spl=full_scales if any(full_scales) else (),
    )
