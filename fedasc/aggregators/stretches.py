"""From how many separate stretches of a day the windows of a component are."""

import numpy as np
from numpy.typing import NDArray

MAX_GAP = 6
"""Windows of other components, a minute of them, that don't end a stretch."""


def n_stretches(assigned: NDArray[np.int64], n_components: int) -> NDArray[np.int64]:
    """Count the stretches of time behind each component: what was heard at one place, as a rule.

    A stretch are windows of a component with no more than `MAX_GAP` others between two of them.

    Args:
        assigned: (n_windows,) the component of each window, in the order in which they were heard.
        n_components: How many there are.

    Returns:
        (n_components,), 0 for those that no window was assigned to.
    """
    moments = np.argsort(assigned, kind="stable")
    components = assigned[moments]
    same = components[1:] == components[:-1]
    begins = np.ones(len(assigned), np.bool_)
    begins[1:] = ~same | (np.diff(moments) > MAX_GAP + 1)
    return np.bincount(components[begins], minlength=n_components)
