"""Data sets: which recordings the server trains on and which the users hear (paper, Table 1)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np

from fedasc.config import from_mapping, read_toml
from fedasc.corpus.names import flaw_of
from fedasc.corpus.parts import PARTS
from fedasc.corpus.recordings import Recording
from fedasc.corpus.splits import split_by_group
from fedasc.corpus.vocabulary import Vocabulary, read_vocabulary
from fedasc.errors import CorpusError, SettingsError
from fedasc.seeds import Purpose, Streams

Kind = tuple[str, str]
"""Label and type; all speech is of one kind."""

_SPEECH: Kind = ("speech", "")


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """One row of Table 1.

    Args:
        files: Files of 10 s: a quarter noise, a quarter music, half speech.
        noise: Noise domains or types.
        music: Genres.
        within: Data set that this one is a part of, or empty.
        shares: Parts and their shares; a set within another goes along with it.
    """

    files: int
    noise: tuple[str, ...]
    music: tuple[str, ...]
    within: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.files < 4:
            raise SettingsError(f"files must be at least 4, got {self.files}")
        if set(self.shares) - set(PARTS) or any(not n >= 0 for n in self.shares.values()):
            raise SettingsError(f"shares must be of {', '.join(PARTS)}, and not negative")
        if not abs(sum(self.shares.values()) - (not self.within)) < 1e-6:
            raise SettingsError("give either within, or shares that add up to 1")


@dataclass(frozen=True)
class DataSets:
    """Data sets by name, and the vocabulary that they are written in."""

    where: str
    vocabulary: Vocabulary
    sets: Mapping[str, DataSet]


@dataclass(frozen=True)
class Count:
    """How many files of a kind a data set asked for and got."""

    data_set: str
    label: str
    type: str
    asked: int
    found: int


def read_data_sets(path: Path) -> DataSets:
    """Read a file with a vocabulary and the sections [sets.NAME].

    Raises:
        SettingsError: If it can't be used.
    """
    vocabulary = read_vocabulary(path)
    content = read_toml(path)
    if unknown := sorted(set(content) - {"noise", "music", "sets"}):
        raise SettingsError(
            f"{path}: unknown section {unknown[0]!r}; known are noise, music and sets"
        )
    sections = content.get("sets")
    if not isinstance(sections, Mapping) or not sections:
        raise SettingsError(f"{path}: expected at least one section [sets.NAME]")
    sets = {}
    for name, section in sections.items():
        where = f"{path}, [sets.{name}]"
        if not isinstance(section, Mapping):
            raise SettingsError(f"{where}: expected a section, got {section!r}")
        if flaw := flaw_of(name):
            raise SettingsError(f"{path}: the name of a set {flaw}")
        given = from_mapping(DataSet, section, where=where)
        noise = vocabulary.named(given.noise, label="noise", where=where)
        music = vocabulary.named(given.music, label="music", where=where)
        sets[name] = replace(given, noise=noise, music=music)
    for name, data_set in sets.items():
        if data_set.within:
            _check_within(data_set, sets.get(data_set.within), where=f"{path}, [sets.{name}]")
    return DataSets(str(path), vocabulary, sets)


def _check_within(inner: DataSet, outer: DataSet | None, *, where: str) -> None:
    if outer is None or outer.within:
        raise SettingsError(f"{where}: within must name a set that isn't within another")
    strange = {*inner.noise, *inner.music} - {*outer.noise, *outer.music}
    if strange or inner.files > outer.files:
        raise SettingsError(
            f"{where}: asks for {inner.files} files, {', '.join(sorted(strange)) or 'of its types'}"
            f" among them; {inner.within} holds {outer.files}, and must hold all of these"
        )


def draw_data_sets(
    recordings: Sequence[Recording], data_sets: DataSets, *, streams: Streams, scale: float = 1.0
) -> tuple[tuple[Recording, ...], tuple[Count, ...]]:
    """Choose the recordings of all sets; no group stands in two sets, nor in two parts of one.

    Where a type has fewer recordings than the sets ask for, each gets its proportion of them.

    Args:
        recordings: One per file of 10 s.
        scale: Factor on the sizes of all sets.

    Returns:
        The recordings with the sets and the part that they belong to, and the counts.
    """
    rng = streams.generator(Purpose.DATA_SETS)
    asked = _quotas(data_sets.sets, scale)
    outer = [name for name, data_set in data_sets.sets.items() if not data_set.within]
    shelves = _shelves(recordings, rng)
    owners: dict[str, str] = {}
    chosen: dict[str, dict[Kind, list[Recording]]] = {name: {} for name in data_sets.sets}
    for kind, shelf in shelves.items():
        demand = {name: asked[name].get(kind, 0) for name in outer}
        supply = sum(map(len, shelf.values()))
        scarcity = min(1.0, supply / max(1, sum(demand.values())))
        for name in outer:
            free = (
                recording
                for group, members in shelf.items()
                if owners.get(group, name) == name
                for recording in members
            )
            chosen[name][kind] = list(islice(free, int(demand[name] * scarcity + 1e-9)))
            owners |= {recording.group: name for recording in chosen[name][kind]}
    for name, data_set in data_sets.sets.items():
        for kind, quota in asked[name].items() if data_set.within else ():
            whole = chosen[data_set.within].get(kind, [])
            share = len(whole) / max(1, asked[data_set.within][kind])
            chosen[name][kind] = whole[: int(quota * share + 1e-9)]
    counts = tuple(
        Count(name, *kind, quota, len(chosen[name].get(kind, ())))
        for name, quotas in asked.items()
        for kind, quota in quotas.items()
    )
    return tuple(_placed(data_sets, chosen, outer, rng)), counts


def check_counts(counts: Sequence[Count], *, where: str) -> None:
    """Refuse data sets that are smaller than asked.

    Raises:
        CorpusError: Naming the scarcest kinds.
    """
    short = sorted((c for c in counts if c.found < c.asked), key=lambda c: c.found / c.asked)
    if short:
        listed = ", ".join(
            f"{' '.join(filter(None, (c.data_set, c.label, c.type)))} {c.found} of {c.asked}"
            for c in short[:5]
        )
        raise CorpusError(
            f"{where}: asks for more than the corpora have, for {len(short)} of {len(counts)} "
            f"kinds, the scarcest are {listed}; add recordings, or use --scale or --allow-fewer"
        )


def _quotas(sets: Mapping[str, DataSet], scale: float) -> Mapping[str, Mapping[Kind, int]]:
    """How many files of each kind every set asks for."""
    quotas: dict[str, dict[Kind, int]] = {}
    for name, data_set in sorted(sets.items(), key=lambda item: not item[1].within):
        inner_sets = [quotas[inner] for inner, other in sets.items() if other.within == name]
        size = round(data_set.files * scale)
        n_noise, n_music = (size + 3) // 4, (size + 2) // 4
        quotas[name] = {
            **_evenly(n_noise, [("noise", kind) for kind in data_set.noise], at_least=inner_sets),
            **_evenly(n_music, [("music", kind) for kind in data_set.music], at_least=inner_sets),
            **_evenly(size - n_noise - n_music, [_SPEECH], at_least=inner_sets),
        }
    return {name: quotas[name] for name in sets}


def _evenly(
    n: int, kinds: Sequence[Kind], *, at_least: Sequence[Mapping[Kind, int]]
) -> dict[Kind, int]:
    """N files over kinds, as even as what the sets within need allows."""
    quotas = {kind: max((inner.get(kind, 0) for inner in at_least), default=0) for kind in kinds}
    for _ in range(n - sum(quotas.values())):
        quotas[min(quotas, key=lambda kind: quotas[kind])] += 1
    return quotas


def _shelves(
    recordings: Sequence[Recording], rng: np.random.Generator
) -> Mapping[Kind, Mapping[str, list[Recording]]]:
    """The recordings of each kind by group, the groups shuffled."""
    shelves: dict[Kind, dict[str, list[Recording]]] = defaultdict(lambda: defaultdict(list))
    for recording in sorted(recordings, key=lambda r: (r.group, r.path, r.start_s)):
        kind = _SPEECH if recording.label == "speech" else (recording.label, recording.type)
        shelves[kind][recording.group].append(recording)
    shuffled = {}
    for kind in sorted(shelves):
        names = list(shelves[kind])
        shuffled[kind] = {names[n]: shelves[kind][names[n]] for n in rng.permutation(len(names))}
    return shuffled


def _placed(
    data_sets: DataSets,
    chosen: Mapping[str, Mapping[Kind, Sequence[Recording]]],
    outer: Sequence[str],
    rng: np.random.Generator,
) -> Iterator[Recording]:
    """The chosen recordings, each with its sets and its part."""
    inner: dict[str, list[str]] = defaultdict(list)
    for name, data_set in data_sets.sets.items():
        for of_kind in chosen[name].values() if data_set.within else ():
            for recording in of_kind:
                inner[recording.name].append(name)
    for name in outer:
        free = [replace(r, split="") for of_kind in chosen[name].values() for r in of_kind]
        parts = split_by_group(free, rng=rng, shares=data_sets.sets[name].shares)
        for recording, part in zip(free, parts, strict=True):
            yield replace(recording, sets=(name, *inner[recording.name]), split=part)
