import pytest

from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError
from tests.aggregators.test_mixture import random_mixture


@pytest.mark.parametrize("n_windows", [0, -1])
def test_a_summary_of_nothing_is_refused(n_windows: int) -> None:
    with pytest.raises(MessageError, match="at least one window"):
        Summary.of(random_mixture(2), n_windows)
