from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from fedasc.evaluation.scores import RIVALS
from fedasc.report.comparison_figures import (
    comparison_figure,
    plot_comparison,
    plot_comparison_nights,
)
from fedasc.report.comparison_results import night_means, standings
from fedasc.report.difference_figures import differences_figure
from tests.report.compared import NONE, grid_of, some_results
from tests.report.drawn import marks_zero, middles

LEVELS = ("comprehensive C1", "teacher")


def n_colours(path: Path) -> int:
    picture = matplotlib.image.imread(path)
    return len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0))


def test_is_a_picture(tmp_path: Path) -> None:
    plot_comparison(standings(grid_of(3), some_results()), tmp_path / "comparison")
    assert n_colours(tmp_path / "comparison.png") > 100


def test_points_are_gains_over_the_baseline_with_their_whole_intervals() -> None:
    rows = standings(grid_of(3), some_results())
    axes = comparison_figure(rows).axes[0]
    assert middles(axes) == pytest.approx([100 * row["over_baseline_mean"] for row in rows])
    low, high = axes.get_ylim()
    gains = [100 * row[f"over_baseline_{end}"] for row in rows for end in ("low", "high")]
    assert low < min(gains) < max(gains) < high
    levels = [np.asarray(line.get_ydata()) for line in axes.lines if line.get_label() in LEVELS]
    assert [float(level[0]) for level in levels] == pytest.approx([3, 15])


def test_differences_stand_in_order_beside_who_is_worse_off() -> None:
    rows = standings(grid_of(3), some_results())
    baseline, comprehensive, harm = differences_figure(rows).axes
    names = [label.get_text() for label in baseline.get_yticklabels()]
    assert names[2:] == [*("personalised, gmm n_components=8", "personalised, a_&_b")]
    gains = middles(comprehensive, is_lying=True)
    assert gains == pytest.approx([-3, -3, 1, 3])
    assert gains == sorted(gains)
    for axes in (baseline, comprehensive):
        assert marks_zero(axes, is_lying=True)
    made_worse, worse = (np.asarray(line.get_xdata()).tolist() for line in harm.lines)
    assert made_worse[2:] == pytest.approx([100 / 6, 0])
    assert worse == pytest.approx([100, 100, 100 / 6, 0])


def test_what_lies_far_below_is_an_arrow_with_its_number() -> None:
    rows = standings(grid_of(3), some_results())
    parts = ("mean", "low", "high")
    far = rows[1] | {f"over_{rival}_{part}": -0.4 for rival in RIVALS for part in parts}
    for figure in (comparison_figure([rows[0], far, *rows[2:]]), differences_figure([far, *rows])):
        texts = [text.get_text() for text in figure.axes[0].texts]
        assert len(texts) == 1
        assert "\u221240" in texts[0]


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
