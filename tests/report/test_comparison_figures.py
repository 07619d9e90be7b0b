from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from fedasc.report.comparison_figures import plot_comparison, plot_comparison_nights
from fedasc.report.comparison_results import night_means, standings
from tests.report.compared import NONE, grid_of, some_results


def n_colours(path: Path) -> int:
    picture = matplotlib.image.imread(path)
    return len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0))


def test_is_a_picture_and_a_pdf(tmp_path: Path) -> None:
    plot_comparison(standings(grid_of(3), some_results()), tmp_path / "comparison")
    assert n_colours(tmp_path / "comparison.png") > 100
    assert (tmp_path / "comparison.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("kept", [slice(0, 1), slice(0, 2), slice(None)])
def test_few_entries_and_odd_names_can_be_drawn(tmp_path: Path, kept: slice) -> None:
    some = standings(grid_of(1), some_results(n_repetitions=1))[kept]
    odd = [
        row | {"strategy": f"${row['strategy']}", "accuracy": row["accuracy"] - 0.5}
        for row in some[1:]
    ]
    plot_comparison([some[0], *odd], tmp_path / "comparison")
    assert n_colours(tmp_path / "comparison.png") > 10


def test_everything_that_sends_nothing_or_something_can_be_drawn(tmp_path: Path) -> None:
    some = standings(grid_of(3), some_results())
    plot_comparison([row | {"bytes_up": 4.0} for row in some], tmp_path / "some")
    assert (tmp_path / "some.png").is_file()


def test_curves_over_nights_have_a_panel_for_each_strategy(tmp_path: Path) -> None:
    curves = night_means(some_results(n_nights=3))
    plot_comparison_nights(curves, NONE.label, tmp_path / "nights.png")
    assert n_colours(tmp_path / "nights.png") > 100
