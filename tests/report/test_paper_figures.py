from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from fedasc.report.paper_figures import plot_figure_3, plot_figure_4, plot_paper_differences
from fedasc.report.paper_results import differences, point_rows
from tests.report.test_paper_results import USERS, some_results

COLUMN_PIXELS = round(8.5 / 2.54 * 300)


@pytest.mark.parametrize("plot", [plot_figure_3, plot_figure_4])
def test_a_figure_is_a_picture_as_wide_as_a_column(plot: object, tmp_path: Path) -> None:
    assert callable(plot)
    plot(point_rows(USERS, some_results()), ("U1", "U3"), tmp_path / "figure")
    picture = matplotlib.image.imread(tmp_path / "figure.png")
    assert abs(picture.shape[1] - COLUMN_PIXELS) <= 1
    assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 50
    assert {path.suffix for path in tmp_path.iterdir()} == {".png", ".pdf", ".svg"}


def test_differences_are_drawn_over_both_rivals(tmp_path: Path) -> None:
    gains = differences(point_rows(USERS, some_results()))
    plot_paper_differences(gains, ("U1", "U3"), tmp_path / "differences")
    picture = matplotlib.image.imread(tmp_path / "differences.png")
    assert abs(picture.shape[1] - COLUMN_PIXELS) <= 1
    assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 50


def test_a_figure_of_a_single_repetition_and_an_odd_name_can_be_drawn(tmp_path: Path) -> None:
    rows = [{**row, "user": "$1"} for row in point_rows(USERS, some_results(1))]
    plot_figure_4(rows, ("$1",), tmp_path / "one")
    assert (tmp_path / "one.png").stat().st_size > 10_000


def test_a_user_without_noise_leaves_a_gap(tmp_path: Path) -> None:
    rows = [{**row, "noise": float("nan")} for row in point_rows(USERS, some_results())]
    plot_figure_4(rows, ("U3",), tmp_path / "gap")
    assert (tmp_path / "gap.png").is_file()
