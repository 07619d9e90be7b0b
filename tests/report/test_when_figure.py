from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from fedasc.experiments.conditions import WhenPlan
from fedasc.report.when_figure import plot_when, when_figure
from fedasc.report.when_results import condition_rows, user_rows
from tests.report.mapped import PLAN, RIVALS, a_grid, pays, some_results


def rows_of(plan: WhenPlan = PLAN) -> list[dict[str, Any]]:
    grid = a_grid(plan)
    return condition_rows(RIVALS, user_rows(grid, some_results(grid)))


def cells(axes: Axes) -> dict[tuple[float, float], str]:
    return {text.get_position(): text.get_text() for text in axes.texts}


def test_every_cell_says_and_shows_its_number() -> None:
    figure = when_figure(PLAN, rows_of())
    left, right, left_too, right_too, bar, _ = figure.axes
    for axes, answers in ((left, 0), (left_too, 10)):
        image = np.asarray(axes.images[0].get_array())
        for (x, y), words in cells(axes).items():
            place = {"familiarity": PLAN.familiarity[int(x)], "answers": answers}
            mean = 7 if pays(place) else -7
            assert words.startswith(f"{mean:+.1f}\n(".replace("-", "\u2212"))
            share = (mean + 7) / 14
            assert image[int(y), int(x)] == pytest.approx(mpl.colormaps["PuOr"](share))
    assert cells(right)[2, 0] == "0 %"
    assert cells(right)[1, 0] == "100 %"
    assert cells(right_too)[1, 0] == "0 %"
    assert bar.get_ylim() == pytest.approx((-7, 7)), "zero lies in the middle"
    assert any(line.get_ydata() == [0, 0] for line in bar.lines), "and is marked"


def test_the_outline_stands_around_what_pays_alone() -> None:
    left, _, left_too, *_ = when_figure(PLAN, rows_of()).axes
    for axes, first in ((left, 1.5), (left_too, 0.5)):
        (border,) = (one for one in axes.collections if isinstance(one, LineCollection))
        points = np.concatenate(border.get_segments())
        assert points.min(axis=0).tolist() == [first, -0.5]
        assert points.max(axis=0).tolist() == [2.5, 1.5]


@pytest.mark.usefixtures("vectors")
def test_is_a_picture_in_three_formats_and_the_same_whenever_drawn(tmp_path: Path) -> None:
    plan = replace(PLAN, n_repetitions=1, answers=(10,), familiarity=(0.5,), sources=(3,))
    for stem in ("one", "other"):
        plot_when(plan, rows_of(plan), tmp_path / stem)
    for suffix in (".png", ".pdf", ".svg"):
        one, other = ((tmp_path / stem).with_suffix(suffix) for stem in ("one", "other"))
        assert one.read_bytes() == other.read_bytes() != b""
    assert len(np.unique(mpl.image.imread(tmp_path / "one.png").reshape(-1, 4), axis=0)) > 50
