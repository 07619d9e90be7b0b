"""What the aggregator must do."""

import numpy as np

from fedasc.made_up.days import sounds
from fedasc.made_up.server import small_server
from fedasc.testing import check_aggregator
from fedasc.worked.aggregator import WorkedAggregator


def test_it_keeps_the_contract() -> None:
    """The same as fedasc plugin check."""
    check_aggregator(WorkedAggregator())


def test_each_stretch_has_its_mean() -> None:
    """Of 100 windows there are two."""
    x, server = sounds(100).x, small_server()
    made = WorkedAggregator(n_together=50).summarise(
        iter(x), classifier=server.comprehensive, public=server.public, seed=0
    )
    np.testing.assert_allclose(made.content.means[1], x[50:].mean(axis=0), rtol=1e-5)
    np.testing.assert_array_equal(made.n_effective, [50, 50])
