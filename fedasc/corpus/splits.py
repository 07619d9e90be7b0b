"""Parts of a corpus that never share a group of recordings."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from itertools import product
from operator import attrgetter
from types import MappingProxyType

import numpy as np

from fedasc.corpus.parts import SERVER_PARTS, UNUSED
from fedasc.corpus.recordings import Recording

SHARES: Mapping[str, float] = MappingProxyType(
    {"train": 0.5, "validation": 0.1, "aggregation": 0.2, "evaluation": 0.2}
)
"""Section 4.2: 50/10/40 for the server; users live in its 40 % and halve them once more."""


def split_by_group(
    recordings: Sequence[Recording],
    *,
    rng: np.random.Generator,
    shares: Mapping[str, float] = SHARES,
) -> tuple[str, ...]:
    """Give every recording a part such that a group lies in one part alone.

    Larger groups first and equal ones in random order, each goes to the part that falls shortest
    of its share, among recordings of the same type and among those of the same label and domain.
    What a recording demands (`Recording.split`) comes first. Where a part has gone without a label
    of which there are groups enough, it gets one of the part that has most of them.

    Returns:
        The part of each recording.
    """
    groups: dict[str, list[Recording]] = defaultdict(list)
    for recording in sorted(recordings, key=attrgetter("name")):
        groups[recording.group].append(recording)
    names = sorted(groups)
    shuffled = [names[i] for i in rng.permutation(len(names))]
    in_order = sorted(shuffled, key=lambda name: (not groups[name][0].split, -len(groups[name])))
    totals, placed = _Counts(), _Counts()
    for recording in recordings:
        totals.add(recording)
    chosen = {}
    for name in in_order:
        first = groups[name][0]

        def shortfall(part: str, recording: Recording = first) -> float:
            return sum(
                shares[part] - placed.of(stratum, part) / totals.of(stratum)
                for stratum in _strata(recording)
            )

        chosen[name] = first.split or max(shares, key=shortfall)
        for recording in groups[name]:
            placed.add(recording, chosen[name])
    movable = [name for name in reversed(in_order) if not groups[name][0].split]
    labels = {name: {recording.label for recording in some} for name, some in groups.items()}
    _fill(chosen, labels, movable, [part for part, share in shares.items() if share > 0])
    return tuple(chosen[recording.group] for recording in recordings)


def _fill(
    chosen: dict[str, str],
    labels: Mapping[str, Set[str]],
    movable: Sequence[str],
    parts: Collection[str],
) -> None:
    """Give a part without a label a group of the part that has most of them, if one can go.

    Args:
        chosen: The part of each group, which is changed.
        labels: Of each group.
        movable: The groups that may move, smaller ones first.
    """
    n_groups = Counter((label, chosen[name]) for name in labels for label in labels[name])
    for label, part in product(sorted(set().union(*labels.values())), parts):
        if n_groups[label, part]:
            continue
        spare = [
            name
            for name in movable
            if label in labels[name] and min(n_groups[of, chosen[name]] for of in labels[name]) > 1
        ]
        if spare:
            moved = max(spare, key=lambda name: n_groups[label, chosen[name]])
            n_groups.subtract((of, chosen[moved]) for of in labels[moved])
            n_groups.update((of, part) for of in labels[moved])
            chosen[moved] = part


def split_again(
    recordings: Sequence[Recording], parts: Sequence[str], *, rng: np.random.Generator
) -> tuple[str, ...]:
    """Split what the server has once more, as if it were the whole corpus.

    In this smaller world settings can be chosen before the users' recordings have been looked at.

    Args:
        parts: The part of each recording.

    Returns:
        The new part of each recording; `UNUSED` for those of users.
    """
    server_indices = [index for index, part in enumerate(parts) if part in SERVER_PARTS]
    inner = split_by_group(
        [replace(recordings[index], split="") for index in server_indices], rng=rng
    )
    new_parts = dict(zip(server_indices, inner, strict=True))
    return tuple(new_parts.get(index, UNUSED) for index in range(len(parts)))


def _strata(recording: Recording) -> tuple[tuple[str, ...], ...]:
    """The nested sets that a recording counts towards."""
    return (
        (recording.label, recording.domain, recording.type),
        (recording.label, recording.domain),
    )


class _Counts:
    def __init__(self) -> None:
        self._n: dict[tuple[tuple[str, ...], str], int] = defaultdict(int)

    def add(self, recording: Recording, part: str = "") -> None:
        for stratum in _strata(recording):
            self._n[stratum, part] += 1

    def of(self, stratum: tuple[str, ...], part: str = "") -> int:
        return self._n[stratum, part]
