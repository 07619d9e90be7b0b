"""Groups of recordings that belong together because they stem from one original."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError


def merged_by_origin(recordings: Sequence[Recording]) -> tuple[Recording, ...]:
    """The recordings, with groups that share an origin made one group.

    Two corpora may hold the same original: ESC-50 and FSD50K both draw on Freesound. Were they
    different groups, one could be trained on and the other evaluated on.

    Raises:
        CorpusError: If recordings of one group demand different splits.
    """
    groups = {name: n for n, name in enumerate(sorted({r.group for r in recordings}))}
    origins = {name: n for n, name in enumerate(sorted({r.origin for r in recordings if r.origin}))}
    size = len(groups) + len(origins)
    links = np.array(
        [(groups[r.group], len(groups) + origins[r.origin]) for r in recordings if r.origin],
        np.int64,
    ).reshape(-1, 2)
    graph = coo_array((np.ones(len(links), bool), links.T), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    first: dict[int, str] = {}
    for name, n in groups.items():
        first.setdefault(component[n], name)
    merged = tuple(replace(r, group=first[component[groups[r.group]]]) for r in recordings)
    splits: dict[str, str] = {}
    for recording in merged:
        if splits.setdefault(recording.group, recording.split) != recording.split:
            raise CorpusError(
                f"group {recording.group!r} stands in the splits {splits[recording.group]!r} and "
                f"{recording.split!r} of the corpora; give all its recordings the same"
            )
    return merged
