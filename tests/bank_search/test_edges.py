from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fedasc.audio import FloatArray
from fedasc.audio.bank import FilterBank
from fedasc.bank_search.edges import CARRIERS, MODULATIONS, EdgeRange, bank_of, numbers_of
from fedasc.errors import SettingsError

every_range = pytest.mark.parametrize("edges", [CARRIERS, MODULATIONS], ids=["carriers", "mods"])


@every_range
@given(numbers=arrays(float, st.integers(2, 8), elements=st.floats(-50, 50)))
def test_any_numbers_give_edges_that_rise_in_range_a_third_of_an_octave_apart(
    edges: EdgeRange, numbers: FloatArray
) -> None:
    found = edges.edges_hz(numbers)
    assert len(found) == len(numbers)
    assert edges.low_hz <= found[0]
    assert found[-1] <= edges.high_hz
    assert all(high / low > 0.99 * 2 ** (1 / 3) for low, high in pairwise(found))


@every_range
@given(numbers=arrays(float, 4, elements=st.floats(0, 6)))
def test_edges_have_the_numbers_that_made_them(edges: EdgeRange, numbers: FloatArray) -> None:
    found = edges.edges_hz(numbers)
    again = edges.edges_hz(edges.numbers(found, name="edges"))
    np.testing.assert_allclose(again, found, rtol=0.002)


def test_a_bank_comes_back_from_its_numbers_with_all_else_as_it_was() -> None:
    start = FilterBank(reference="band", floor_dbfs=-80.0)
    found = bank_of(numbers_of(start), start)
    assert found == start


@pytest.mark.parametrize(
    ("key", "edges"),
    [
        ("carrier_edges_hz", (20.0, 700.0, 2400.0, 7000.0)),
        ("carrier_edges_hz", (100.0, 700.0, 2400.0, 7950.0)),
        ("carrier_edges_hz", (100.0, 700.0, 750.0, 7000.0)),
        ("modulation_edges_hz", (0.1, 2.0, 8.0, 32.0)),
        ("modulation_edges_hz", (0.5, 2.0, 8.0, 240.0)),
    ],
)
def test_a_start_outside_of_what_is_searched_is_refused(key: str, edges: tuple[float, ...]) -> None:
    with pytest.raises(SettingsError, match=f"{key} must lie between .* a third of an octave"):
        numbers_of(FilterBank(**{key: edges}))  # type: ignore[arg-type]
