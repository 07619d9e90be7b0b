import pytest

from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError
from tests.aggregators.test_mixture import random_full_mixture, random_mixture


@pytest.mark.parametrize("n_windows", [0, -1])
def test_a_summary_of_nothing_is_refused(n_windows: int) -> None:
    with pytest.raises(MessageError, match="at least one window"):
        Summary.of(random_mixture(2), n_windows)


def test_numbers_stand_row_after_row_as_they_arrive() -> None:
    content = random_full_mixture(3)
    assert not content.arrays()["covariances"].flags.c_contiguous
    summary = Summary.of(content, 30)
    assert all(array.flags.c_contiguous for array in summary.arrays.values())
