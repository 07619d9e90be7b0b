from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from fedasc.testing.bits import bits_of, what_differs


@dataclass
class Pair:
    left: Any
    right: Any = 0


class Bag:
    def __init__(self, content: Any) -> None:
        self.content = content


X = np.arange(3, dtype=np.float32)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (X, X.copy()),
        (float("nan"), float("nan")),
        (np.array([np.nan]), np.array([np.nan])),
        ({1: X, 0: 2}, {0: 2, 1: X.copy()}),
        ({"b", "a"}, {"a", "b"}),
        (Pair([X]), Pair([X.copy()])),
        (Bag({1: X}), Bag({1: X.copy()})),
        (None, None),
    ],
)
def test_what_holds_the_same_is_equal(one: Any, other: Any) -> None:
    assert bits_of(one) == bits_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (X, X.astype(np.float64)),
        (X, X[None]),
        (np.zeros(1), -np.zeros(1)),
        ({0: 1}, {0: 2}),
        ({0: 1}, {1: 1}),
        ([1, 2], [2, 1]),
        (Pair(1), Pair(2)),
        (Pair(1), Bag(1)),
        (Bag(X), Bag(X + 1)),
        (np.random.SeedSequence(1), np.random.SeedSequence(2)),
        (1, 1.0),
        (int, float),
    ],
)
def test_what_holds_something_else_is_not(one: Any, other: Any) -> None:
    assert bits_of(one) != bits_of(other)


@pytest.mark.parametrize(
    ("other", "names"),
    [({"a": 1, "b": X.copy()}, []), ({"a": 2, "b": X}, ["a"]), ({"a": 1, "c": 0}, ["b", "c"])],
)
def test_what_differs_is_named(other: Mapping[str, Any], names: list[str]) -> None:
    assert what_differs({"a": 1, "b": X}, other) == names
