from pathlib import Path

import matplotlib.image
import numpy as np
from scipy.stats import binomtest

from fedasc.evaluation.calibration import Reliability, reliability
from fedasc.report.reliability import (
    MIN_WINDOWS,
    pooled,
    reliability_figure,
    wilson,
)
from tests.report.drawn import ends
from tests.report.records import a_record


def found(seed: int, n: int = 30) -> Reliability:
    rng = np.random.default_rng(seed)
    return reliability(rng.integers(4, size=n), rng.dirichlet(np.ones(4), size=n))


def test_windows_are_pooled_by_profile_and_together() -> None:
    of_devices = [found(device) for device in range(3)]
    names = ("near", "far", "near")
    records = [
        a_record(name, reliability=bins) for name, bins in zip(names, of_devices, strict=True)
    ]
    pools = pooled(records)
    assert list(pools) == ["near", "far", "all"]
    assert [pool.n_windows.sum() for pool in pools.values()] == [60, 30, 90]
    assert pools["near"].error == (of_devices[0] + of_devices[2]).error


def test_the_diagram_shows_each_curve_with_its_error_at_the_width_of_a_column(
    tmp_path: Path,
) -> None:
    pools = {"U_1$": found(1, 3000), "all": found(1, 3000) + found(2, 3000)}
    figure = reliability_figure(pools)
    figure.savefig(tmp_path / "reliability.png", dpi=300)
    assert matplotlib.image.imread(tmp_path / "reliability.png").shape[1] == 1020
    upper, lower = figure.axes
    curves = [line for line in upper.get_lines() if line.get_label() in labels(pools)]
    assert [line.get_label() for line in curves] == labels(pools)
    for line, share, its in zip(curves, lower.get_lines(), pools.values(), strict=True):
        many = its.n_windows[its.n_windows > 0] >= MIN_WINDOWS
        assert 3 < many.sum() < len(many), "the last bins have few windows"
        np.testing.assert_allclose(np.asarray(line.get_xydata()), 100 * its.curve()[many, :2])
        np.testing.assert_allclose(np.asarray(share.get_ydata()), 100 * its.curve()[:, 2])
    np.testing.assert_allclose(ends(upper), 100 * wilson(pools["all"])[:, many].T)


def test_intervals_are_wilson_s() -> None:
    bins = Reliability(np.array([40, 0, 9, 7]), np.array([31, 0, 9, 0]), np.zeros(4))
    expected = [
        binomtest(right, n).proportion_ci(method="wilson")
        for right, n in ((31, 40), (9, 9), (0, 7))
    ]
    np.testing.assert_allclose(wilson(bins).T, [(one.low, one.high) for one in expected], atol=1e-8)


def labels(pools: dict[str, Reliability]) -> list[str]:
    return [f"{name}: {100 * its.error:.1f}" for name, its in pools.items()]
