import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.errors import SettingsError
from fedasc.seeds import Purpose, Streams

addresses = st.tuples(
    st.integers(0, 1_000), st.sampled_from(Purpose), st.lists(st.integers(0, 5_000), max_size=3)
)


def draws(address: tuple[int, Purpose, list[int]]) -> list[int]:
    seed, purpose, further = address
    rng = Streams(seed).generator(purpose, *further)
    return [int(rng.integers(2**62)) for _ in range(3)]


@given(one=addresses, other=addresses)
def test_another_address_draws_otherwise_and_the_same_the_same(
    one: tuple[int, Purpose, list[int]], other: tuple[int, Purpose, list[int]]
) -> None:
    assert (draws(one) == draws(other)) == (one == other)
    assert draws(one) == draws(one)


@pytest.mark.parametrize(
    ("one", "other"), [((), (0,)), ((0,), (0, 0)), ((1, 2), (2, 1)), ((1,), (0, 1))]
)
def test_addresses_that_look_alike_differ(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    assert draws((1, Purpose.HEARD, list(one))) != draws((1, Purpose.HEARD, list(other)))


def test_what_else_is_drawn_changes_nothing() -> None:
    streams = Streams(3)
    alone = streams.generator(Purpose.HEARD, 1, 2).normal(size=5)
    streams.generator(Purpose.HEARD, 1, 1).normal(size=100)
    streams.sequence(Purpose.HEARD, 1, 2).spawn(4)
    np.testing.assert_array_equal(streams.generator(Purpose.HEARD, 1, 2).normal(size=5), alone)


def test_streams_are_not_correlated() -> None:
    devices = np.stack(
        [Streams(1).generator(Purpose.HEARD, 0, i).normal(size=500) for i in range(50)]
    )
    correlation = np.corrcoef(devices) - np.eye(50)
    assert np.abs(correlation).max() < 0.25


def test_integers_are_seeds_of_31_bits_of_their_own() -> None:
    seeds = [Streams(1).integer(Purpose.TEACHER_TRAINING, i) for i in range(1_000)]
    assert len(set(seeds)) == 1_000
    assert min(seeds) >= 0
    assert 2**30 < max(seeds) < 2**31
    assert seeds[3] == Streams(1).integer(Purpose.TEACHER_TRAINING, 3)


def test_the_numbers_of_purposes_stay_as_they_are() -> None:
    """They are part of every result: a new purpose goes to the end."""
    assert [purpose.name for purpose in Purpose][:10] == [
        "SYNTHESIS",
        "SPLIT",
        "USERS",
        "TRAINING_SET",
        "HEARD",
        "EVALUATION",
        "SUMMARY",
        "SAMPLING",
        "EMBEDDED_TRAINING",
        "TEACHER_TRAINING",
    ]
    assert [int(purpose) for purpose in Purpose] == list(range(len(Purpose)))


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(SettingsError, match="seed must not be negative, got -1"):
        Streams(-1)
