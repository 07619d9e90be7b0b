"""Groups: which devices share a classifier."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server
from fedasc.strategies.sketch import sketches

Groups = Literal["each", "all", "clusters"]


def grouped(
    contents: Mapping[int, Content],
    groups: Groups,
    *,
    n_clusters: int,
    server: Server,
    streams: Streams,
) -> list[list[int]]:
    """Devices that share a classifier: each by itself, all together, or clusters that are alike.

    Args:
        contents: By device, what is known of it.
        n_clusters: Clusters; with fewer devices, each is by itself.

    Returns:
        Groups in the order of their first devices, which stand in rising order in each.
    """
    devices = sorted(contents)
    if groups == "all":
        return [devices]
    if groups == "each" or len(devices) <= n_clusters:
        return [[device] for device in devices]
    clusters = _clusters(
        [contents[device] for device in devices], n_clusters, server=server, streams=streams
    )
    members = [np.array(devices)[clusters == number].tolist() for number in range(n_clusters)]
    return sorted(members)


def _clusters(
    contents: list[Content], n_clusters: int, *, server: Server, streams: Streams
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """(n_contents,) cluster of each, such that their variance is small.

    The distance is the maximum mean discrepancy, see `sketches`; clusters are joined so that their
    variance grows least (Ward 1963).
    """
    from sklearn.cluster import AgglomerativeClustering  # takes a second

    clustering = AgglomerativeClustering(n_clusters)
    rng = streams.generator(Purpose.SKETCH)
    clusters: np.ndarray[tuple[int], np.dtype[np.int64]] = clustering.fit_predict(
        sketches(contents, scale=server.scale, rng=rng)
    )
    return clusters
