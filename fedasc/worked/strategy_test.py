"""What the strategy must do."""

import numpy as np

from fedasc.made_up.server import small_server
from fedasc.testing import check_strategy
from fedasc.worked.strategy import WorkedStrategy


def test_it_keeps_the_contract() -> None:
    """The same as fedasc plugin check."""
    check_strategy(WorkedStrategy())


def test_what_is_heard_more_often_is_said_more_easily() -> None:
    """Only its bias rises."""
    server, shares = small_server(), np.array([0.7, 0.1, 0.1, 0.1])
    moved = WorkedStrategy()._moved(server, shares).output_biases
    rises = moved - server.comprehensive.output_biases
    assert rises[0] > 0
    assert (rises[1:] < 0).all()
