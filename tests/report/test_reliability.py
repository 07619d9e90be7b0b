from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from matplotlib.figure import Figure

from fedasc.evaluation.calibration import Reliability, reliability
from fedasc.report.reliability import plot_reliability, pooled
from tests.report.records import a_record


def found(seed: int) -> Reliability:
    rng = np.random.default_rng(seed)
    return reliability(rng.integers(4, size=30), rng.dirichlet(np.ones(4), size=30))


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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    save = Figure.savefig

    def noted(figure: Figure, *args: object, **kwargs: object) -> None:
        drawn.append(figure)
        save(figure, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Figure, "savefig", noted)
    pools = {"U_1$": found(1), "all": found(1) + found(2)}
    plot_reliability(pools, tmp_path / "reliability.png")
    assert matplotlib.image.imread(tmp_path / "reliability.png").shape[1] == 1020
    upper, lower = drawn[0].axes
    for line, share, (name, its) in zip(
        upper.get_lines()[1:], lower.get_lines(), pools.items(), strict=True
    ):
        assert line.get_label() == f"{name}: {100 * its.error:.1f}"
        np.testing.assert_allclose(np.asarray(line.get_xydata()), 100 * its.curve()[:, :2])
        np.testing.assert_allclose(np.asarray(share.get_ydata()), 100 * its.curve()[:, 2])
