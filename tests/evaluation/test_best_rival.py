import numpy as np
import pytest

from fedasc.evaluation.best_rival import lead
from fedasc.evaluation.paired import paired


def test_the_best_rival_is_told_and_every_rival_must_be_beaten() -> None:
    system = [0.80, 0.84, 0.88]
    steady, wild = [0.79, 0.83, 0.87], [0.60, 0.95, 0.80]
    told = lead(system, {"wild": wild, "steady": steady})
    assert told.rival == "steady"
    assert (told.mean, told.high) == pytest.approx((0.01, 0.01))
    assert told.low == pytest.approx(paired(system, wild).low)
    assert told.low < 0
    assert not told.is_beyond_doubt, "the wild one may be better"
    assert lead(system, {"steady": steady}).is_beyond_doubt


def test_the_rival_that_is_held_out_is_chosen_in_the_other_repetitions() -> None:
    # Without the first one, `b` is best; without the second or the third, `a` is.
    rivals = {"a": [0.9, 0.5, 0.5], "b": [0.5, 0.6, 0.6]}
    told = lead([0.7, 0.7, 0.7], rivals)
    assert told.rival == "a"
    assert told.held_out == pytest.approx(np.mean([0.2, 0.2, 0.2]))
    assert told.mean == pytest.approx(0.7 - 1.9 / 3)


def test_one_repetition_has_no_interval_and_nothing_held_out() -> None:
    told = lead([0.7], {"a": [0.5]})
    assert told.mean == pytest.approx(0.2)
    assert np.isnan([told.low, told.high, told.held_out]).all()
    assert not told.is_beyond_doubt


def test_where_all_are_alike_choosing_costs_the_system_and_nobody_is_beaten_by_luck(
    rng: np.random.Generator,
) -> None:
    names, tolds = ("a", "b", "c", "d"), []
    for _ in range(300):
        system, *rivals = rng.normal(0.8, 0.02, size=(5, 8)).tolist()
        tolds.append(lead(system, dict(zip(names, rivals, strict=True))))
    means, held_out = (np.array([getattr(t, name) for t in tolds]) for name in ("mean", "held_out"))
    error = held_out.std() / np.sqrt(len(tolds))
    assert means.mean() < -3 * error, "the luckiest of four"
    assert abs(held_out.mean()) < 3 * error
    assert np.mean([told.is_beyond_doubt for told in tolds]) < 0.025
