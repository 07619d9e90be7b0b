from pathlib import Path

import numpy as np
import pytest

from fedasc.report.comparison_results import standings
from fedasc.report.privacy_figures import gain_figure, plot_privacy, plot_roc, roc_figure
from fedasc.report.privacy_results import privacy_rows, roc_curves, told_together
from tests.report.audited import PLAN, audited
from tests.report.compared import grid_of, some_results
from tests.report.drawn import marks_zero


def together() -> list[dict[str, object]]:
    rows = privacy_rows(PLAN, audited())
    return told_together(standings(grid_of(3), some_results(), rows), rows)


def test_both_axes_of_a_roc_are_logarithmic_and_guessing_is_the_diagonal() -> None:
    for axes in roc_figure(roc_curves(audited())).axes:
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        x, y = axes.lines[0].get_data()
        np.testing.assert_array_equal(x, y)
        assert len(axes.lines) == 1 + 3


def test_a_release_stands_where_its_gain_and_its_leak_are() -> None:
    rows = together()
    for row in rows:
        row |= {"over_control_mean": 0.012, "over_control_low": 0.002, "over_control_high": 0.02}
    (axes,) = gain_figure(rows).axes
    points = np.asarray(axes.lines[-1].get_xydata(), np.float64)
    assert points.tolist() == [pytest.approx([0.93, 1.2])]


def test_no_interval_is_cut() -> None:
    rows = together()
    for row in rows:
        row |= {"over_control_mean": 0.01, "over_control_low": -0.3, "over_control_high": 0.32}
    (axes,) = gain_figure(rows).axes
    low, high = axes.get_ylim()
    assert low < -30 < 32 < high
    assert marks_zero(axes)


def test_pictures_are_written_where_there_is_no_control(tmp_path: Path) -> None:
    plot_privacy(together(), tmp_path / "privacy")
    plot_roc(roc_curves(audited()), tmp_path / "roc")
    assert {path.name for path in tmp_path.iterdir()} == {
        *(f"{name}.{kind}" for name in ("privacy", "roc") for kind in ("png", "pdf", "svg"))
    }
