import sys
from collections.abc import Callable

import numpy as np
import pytest

from fedasc.audio.bank import FilterBank
from fedasc.bank_search.search import Found, search
from fedasc.bank_search.settings import SearchSettings
from fedasc.errors import SettingsError
from fedasc.seeds import Streams

START = FilterBank()
WANTED = FilterBank(
    carrier_edges_hz=(200, 500, 1500, 5000), modulation_edges_hz=(1.0, 5.0, 9.0, 60.0)
)


def likeness(bank: FilterBank) -> float:
    """1 for the wanted bank, less for others."""
    off = [
        np.log2(np.divide(bank.carrier_edges_hz, WANTED.carrier_edges_hz)),
        np.log2(np.divide(bank.modulation_edges_hz, WANTED.modulation_edges_hz)),
    ]
    return float(1 / (1 + np.square(off).sum()))


def found_by(
    accuracy: Callable[[FilterBank], float] = likeness, *, n: int = 30, seed: int = 1
) -> Found:
    return search(SearchSettings(n_evaluations=n), START, accuracy, streams=Streams(seed))


def test_the_best_bank_is_found() -> None:
    found = found_by(n=600)
    assert found.accuracy == likeness(found.bank)
    np.testing.assert_allclose(found.bank.carrier_edges_hz, WANTED.carrier_edges_hz, rtol=0.1)
    np.testing.assert_allclose(found.bank.modulation_edges_hz, WANTED.modulation_edges_hz, rtol=0.1)


def test_the_start_stays_if_nothing_is_better() -> None:
    assert found_by(lambda bank: float(bank == START)) == Found(START, 1.0)
    assert found_by(lambda bank: 0.5) == Found(START, 0.5)


def test_the_same_seed_finds_the_same_bank_and_another_another() -> None:
    assert found_by(seed=1) == found_by(seed=1) != found_by(seed=2)


def test_the_generator_that_all_share_is_left_alone() -> None:
    np.random.seed(7)  # noqa: NPY002
    expected = np.random.standard_normal(3)  # noqa: NPY002
    np.random.seed(7)  # noqa: NPY002
    assert found_by() == found_by()
    np.testing.assert_array_equal(np.random.standard_normal(3), expected)  # noqa: NPY002


@pytest.mark.parametrize("n", [1, 2, 10, 11, 12, 25])
def test_as_many_banks_are_tried_as_allowed_the_start_first(n: int) -> None:
    tried = []
    steps = []

    def accuracy(bank: FilterBank) -> float:
        tried.append(bank)
        return likeness(bank)

    search(
        SearchSettings(n_evaluations=n),
        START,
        accuracy,
        streams=Streams(1),
        progress=lambda _, done, total: steps.append((done, total)),
    )
    assert tried[0] == START
    assert len(tried) == n
    assert steps == [*((i, n) for i in range(1, n + 1)), (n, n)]


def test_each_bank_better_than_all_before_is_told_at_once() -> None:
    told: list[Found] = []
    heard: list[float] = []

    def accuracy(bank: FilterBank) -> float:
        assert max(heard, default=0.0) == (told[-1].accuracy if told else 0.0)
        heard.append(likeness(bank))
        return heard[-1]

    found = search(
        SearchSettings(n_evaluations=60),
        START,
        accuracy,
        streams=Streams(1),
        when_better=told.append,
    )
    assert told[0] == Found(START, likeness(START))
    assert told[-1] == found
    assert len(told) > 2


def test_more_evaluations_go_on_where_fewer_ended() -> None:
    tried: dict[int, list[FilterBank]] = {25: [], 60: []}
    for n, banks in tried.items():
        found_by(lambda bank, banks=banks: (banks.append(bank), likeness(bank))[1], n=n)  # type: ignore[misc]
    assert tried[60][:25] == tried[25]


def test_without_cma_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cma", None)
    with pytest.raises(SettingsError, match=r"pip install 'fedasc\[search\]'"):
        found_by()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("objective", "guess"),
        ("n_evaluations", 0),
        ("n_folds", 1),
        ("n_epochs", 0),
        ("n_windows", 39),
        ("spread", 0.0),
        ("spread", np.nan),
        ("spread", np.inf),
    ],
)
def test_settings_that_cannot_be_used_are_refused(key: str, value: object) -> None:
    with pytest.raises(SettingsError, match=key.removeprefix("n_").rstrip("s")):
        SearchSettings(**{key: value})  # type: ignore[arg-type]
