"""Interleaving, medians, ratios, and what happens when rivals did other work."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from benchmarks.stage import Agreement, Stage, Trial, Way, whole
from benchmarks.timing import Timing, measure, ratio
from fedasc.errors import RunError, SettingsError

WITHIN_ONE = Agreement(deviation=lambda a, b: abs(a - b), tolerance=1.0, measure="difference")


def stage(*ways: Way, warm: bool = True) -> Stage:
    return Stage(
        name="sums", work="adding", unit="sums", ways=ways, agreement=WITHIN_ONE, warm=warm
    )


def diary_way(name: str, diary: list[str], result: float = 0.0, seconds: float = 1.0) -> Way:
    def run() -> Trial:
        diary.append(name)
        return Trial(seconds=seconds, result=result)

    return Way(name=name, amount=2.0, run=run)


def test_ways_take_turns_after_one_round_that_does_not_count() -> None:
    diary: list[str] = []
    timings = measure(stage(diary_way("a", diary), diary_way("b", diary)), n_rounds=3)
    assert diary == ["a", "b"] * 4
    assert [len(timing.seconds) for timing in timings] == [3, 3]


def test_without_a_round_to_warm_up_every_run_counts() -> None:
    diary: list[str] = []
    measure(stage(diary_way("a", diary), diary_way("b", diary), warm=False), n_rounds=2)
    assert diary == ["a", "b"] * 2


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize("result", [1.5, float("nan")])
def test_a_rival_that_did_other_work_ends_it_in_the_first_round(warm: bool, result: float) -> None:
    diary: list[str] = []
    ways = (diary_way("a", diary), diary_way("b", diary, result))
    with pytest.raises(RunError, match=r"sums: b and a did other work, difference is"):
        measure(stage(*ways, warm=warm), n_rounds=5)
    assert diary == ["a", "b"]


def test_a_deviation_within_the_tolerance_is_kept_with_the_times() -> None:
    ways = (diary_way("a", []), diary_way("b", [], 0.5))
    assert [timing.deviation for timing in measure(stage(*ways), n_rounds=1)] == [0, 0.5]


def test_a_rate_is_by_the_median_of_the_rounds() -> None:
    timing = Timing(way="a", amount=10, seconds=(1.0, 100.0, 2.0))
    assert timing.rate == 5
    assert timing.unit_s == 0.2


def test_a_ratio_is_of_medians_and_its_ends_are_of_single_rounds() -> None:
    ours = Timing(way="a", amount=4, seconds=(1.0, 2.0, 1.0))
    rival = Timing(way="b", amount=2, seconds=(3.0, 2.0, 4.0))
    times = ratio(ours, rival)
    assert (times.median, times.low, times.high) == (6, 2, 8)


def test_ways_of_other_rounds_have_no_ratio() -> None:
    with pytest.raises(SettingsError, match="same rounds"):
        ratio(
            Timing(way="a", amount=1, seconds=(1.0,)), Timing(way="b", amount=1, seconds=(1.0, 2.0))
        )


@pytest.mark.parametrize(("amount", "seconds"), [(0, (1.0,)), (1, ()), (1, (1.0, 0.0))])
def test_times_that_cannot_be_are_refused(amount: float, seconds: tuple[float, ...]) -> None:
    with pytest.raises(SettingsError, match="positive"):
        Timing(way="a", amount=amount, seconds=seconds)


def test_memory_is_the_highest_of_the_rounds() -> None:
    peaks = iter([900, 5, 7, 6])
    way = Way(name="a", amount=1, run=lambda: Trial(seconds=1, result=0, peak_bytes=next(peaks)))
    (timing,) = measure(stage(way), n_rounds=3)
    assert timing.peak_bytes == 7


def test_what_is_timed_has_one_thread_and_what_comes_after_has_its_own() -> None:
    seen = []

    def look() -> float:
        seen.append(torch.get_num_threads())
        return 0.0

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        measure(stage(Way(name="a", amount=1, run=whole(look))), n_rounds=1)
        assert seen == [1, 1]
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_progress_is_told_of_every_run() -> None:
    told: list[tuple[str, int, int]] = []
    progress: Callable[[str, int, int], Any] = lambda *step: told.append(step)  # noqa: E731
    measure(stage(diary_way("a", []), diary_way("b", [])), n_rounds=1, progress=progress)
    assert told == [("timing sums", n, 4) for n in (1, 2, 3, 4)]
