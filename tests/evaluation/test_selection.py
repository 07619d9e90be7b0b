import numpy as np
import pytest
from scipy.stats import permutation_test, ttest_1samp

from fedasc.audio import FloatArray
from fedasc.evaluation.selection import LEVEL, chosen_elsewhere, corrected

N_TRIALS = 300


def trials(rng: np.random.Generator, *, shared: float, n: int = 8) -> list[FloatArray]:
    """Twenty variants that are all alike; they may have a part of their luck in common."""
    return [
        np.sqrt(shared) * rng.normal(size=n) + np.sqrt(1 - shared) * rng.normal(size=(20, n))
        for _ in range(N_TRIALS)
    ]


def tolerance(share: float) -> float:
    """Three deviations of a share of all trials."""
    return float(3 * np.sqrt(share * (1 - share) / N_TRIALS))


def test_p_of_a_single_variant_is_that_of_scipy(rng: np.random.Generator) -> None:
    differences = rng.normal(0.5, 1, size=(1, 8))
    (found,) = corrected(differences)

    def size(values: FloatArray, axis: int) -> FloatArray:
        return np.asarray(np.abs(values.mean(axis)) / values.std(axis, ddof=1))

    reference = permutation_test(
        (differences[0],), size, permutation_type="samples", vectorized=True, alternative="greater"
    )
    assert found.p == pytest.approx(reference.pvalue)


def test_p_values_by_hand() -> None:
    """Of 3 splits there are 8 flips, of which t doesn't tell a flip from its mirror image.

    The first always gains as much, which 2 of 8 do. The second's |t| is reached by 4 of 8 of its
    own, and by the first or the second in these and no others, less than p of the clearer one
    never.
    """
    clear, unclear, equal = corrected(np.array([[1.0, 1, 1], [1.0, 0.5, -0.2], [0.0, 0, 0]]))
    assert clear.p == pytest.approx(2 / 8)
    assert unclear.p == pytest.approx(4 / 8)
    assert equal.p == 1
    assert (clear.low, clear.high) == pytest.approx((1, 1))
    assert (equal.low, equal.high) == (0, 0)


def test_who_is_clearer_has_no_say_in_what_is_less_clear() -> None:
    """Of the second, 2 of 8 flips have a mean of 0; then the first has a larger t than it has."""
    clear, unclear = corrected(np.array([[1.0, 1, 1.1], [1.0, -0.9, 0.1]]))
    assert clear.p == pytest.approx(2 / 8)
    assert unclear.p == pytest.approx(6 / 8)


@pytest.mark.parametrize("shared", [0.0, 0.8])
def test_the_best_of_twenty_that_are_alike_is_seldom_taken_for_better(
    rng: np.random.Generator, shared: float
) -> None:
    """A single p uncorrected is below 0.05 in most trials: that is what must not happen."""
    p_least, held, raw_held = [], 0, 0
    for differences in trials(rng, shared=shared):
        found = corrected(differences)
        p_least.append(min(one.p for one in found))
        held += all(one.low <= 0 <= one.high for one in found)
        raw_held += bool(np.min(ttest_1samp(differences, 0, axis=1).pvalue) > LEVEL)
    for level in (LEVEL, 0.5):  # under the null p is as good as uniform
        assert abs(np.mean(np.array(p_least) <= level) - level) <= tolerance(level)
    assert abs(held / N_TRIALS - 0.95) <= tolerance(0.95)
    assert raw_held / N_TRIALS < 0.85


def test_what_differs_is_told_among_nineteen_that_do_not(rng: np.random.Generator) -> None:
    """And it doesn't make the others look better, as a correction that forgets them would."""
    n_told, n_wrong = 0, 0
    for differences in trials(rng, shared=0.5)[:100]:
        differences[7] += 3
        found = corrected(differences)
        n_told += found[7].p <= LEVEL and found[7].low > 0
        n_wrong += any(one.p <= LEVEL for number, one in enumerate(found) if number != 7)
    assert n_told >= 95
    assert n_wrong <= 5 + 3 * np.sqrt(5)


def test_what_variants_have_in_common_makes_intervals_narrower(rng: np.random.Generator) -> None:
    alone = rng.normal(size=(20, 10))
    alike = alone[:1] + 1e-3 * alone

    width_alike, width_alone = (
        (one.high - one.low) / row.std()
        for one, row in ((corrected(some)[0], some[0]) for some in (alike, alone))
    )
    assert width_alike < 0.8 * width_alone


def test_more_splits_than_can_be_flipped_all_are_drawn_the_same_again(
    rng: np.random.Generator,
) -> None:
    differences = rng.normal(0.8, 1, size=(3, 20))
    found = corrected(differences)
    assert found == corrected(differences)
    assert all(1e-4 <= one.p < 0.5 for one in found)


def test_two_splits_have_no_intervals() -> None:
    """And nothing is divided by zero on the way, which would be an error here."""
    same, found = corrected(np.array([[0.2, 0.2], [0.1, 0.3]]))
    assert np.isnan([found.low, found.high, same.low]).all()
    assert (same.p, found.p) == (0.5, 0.5)


def test_one_split_tells_nothing() -> None:
    (found,) = corrected(np.array([[0.3]]))
    assert np.isnan([found.low, found.high, found.p]).all()
    assert corrected(np.empty((0, 4))) == ()


def test_who_chooses_does_not_look_at_the_split_itself() -> None:
    """The second shines on the last split alone, where the first is therefore chosen."""
    levels = np.array([[0.5, 0.5, 0.5], [0.4, 0.4, 0.9]])
    assert chosen_elsewhere(levels) == (1, 1, 0)
    assert chosen_elsewhere(np.array([[0.5, 0.5], [0.5, 0.5]])) == (0, 0)


def test_what_choosing_brings_is_no_maximum(rng: np.random.Generator) -> None:
    best, brought = [], []
    for levels in trials(rng, shared=0.0):
        best.append(levels.mean(axis=1).max())
        chosen = list(chosen_elsewhere(levels))
        brought.append(levels[chosen, range(levels.shape[1])].mean())
    assert np.mean(best) > 0.4
    assert abs(np.mean(brought)) < 3 * np.std(brought) / np.sqrt(N_TRIALS)
