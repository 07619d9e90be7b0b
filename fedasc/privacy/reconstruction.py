"""Reconstruction: how near what is sent comes to a window that was heard. Number 5 of the games.

It draws nothing.
"""

import numpy as np

from fedasc.aggregators.weights import Weights
from fedasc.arithmetic.product import panels
from fedasc.arithmetic.squares import squared_distances
from fedasc.audio import FloatArray
from fedasc.privacy.days import day, sent
from fedasc.privacy.mechanism import Mechanism
from fedasc.scenario import Scenario
from fedasc.server import Server


def reconstruction(
    scenario: Scenario, server: Server, mechanism: Mechanism, index: int
) -> dict[str, float]:
    """How near the points of a user's first release lie to windows of that day and of another one.

    Points are the means of a mixture's components, or windows that were sent. The other day is of
    the same recordings and as long, so the two are as near but for what was heard.

    Returns:
        Medians of distances in standard deviations of the server's data, over all features
        together: "heard", of a point to the nearest window that was heard; "not heard", of the
        other day; "windows", of a window that was heard to the nearest other one. And "ratio", of
        heard to not heard: 1 tells nothing of any window, 0 gives one away. NaN where a release has
        no such points.
    """
    heard, other = (day(scenario, index, night=night).x for night in (0, 1))
    content = sent(scenario, mechanism, index, heard)
    points = content.claims().points
    if points is None or isinstance(content, Weights):  # whose mean is of what C1 makes of windows
        return dict.fromkeys(("heard", "not heard", "windows", "ratio"), float("nan"))
    known, unknown, sought = (
        server.standardised(np.asarray(some, np.float32)) for some in (heard, other, points)
    )
    near, far = nearest(sought, known), nearest(sought, unknown)
    return {
        "heard": near,
        "not heard": far,
        "windows": nearest(known, known, but=1),
        "ratio": near / far,
    }


def nearest(points: FloatArray, others: FloatArray, *, but: int = 0) -> float:
    """Median distance of points (n_points, n_features) to the nearest of others likewise.

    Args:
        but: How many nearer ones don't count: 1 if each point is among the others.
    """
    columns = panels(np.ascontiguousarray(others.T))
    squares = squared_distances(np.ascontiguousarray(points), columns)[:, : len(others)]
    return float(np.median(np.sqrt(np.partition(squares, but, axis=1)[:, but])))
