from dataclasses import replace

import numpy as np
import pytest

from fedasc.experiments.conditions import AXES, WhenPlan
from fedasc.report.when_results import condition_rows, user_rows
from fedasc.report.when_slices import outline, slices
from tests.report.mapped import PLAN, RIVALS, a_grid, some_results


def numbered(plan: WhenPlan) -> list[dict[str, float | int | str]]:
    """Rows that tell themselves apart by a number, in an order that nobody promised."""
    rows = [
        {**{axis: getattr(one, axis) for axis in AXES}, "number": number}
        for number, one in enumerate(plan.conditions)
    ]
    return rows[::-1]


def test_every_condition_stands_where_its_values_say() -> None:
    without, ten = slices(PLAN, numbered(PLAN))
    assert (without.x, without.y) == ("familiarity", "sources")
    assert (without.x_words, without.y_words) == (("0", "0.5", "1"), ("3", "15"))
    assert (without.title, ten.title) == ("questions answered: 0", "questions answered: 10")
    # The last axis that varies changes fastest: answers, then sources, then familiarity.
    assert without.column("number").tolist() == [[0, 4, 8], [2, 6, 10]]
    assert ten.column("number").tolist() == [[1, 5, 9], [3, 7, 11]]


@pytest.mark.parametrize(
    ("changes", "shape", "n_slices"),
    [
        ({"familiarity": (0.5,), "sources": (3,), "answers": (0,)}, (1, 1), 1),
        ({"familiarity": (0.5,), "sources": (3,)}, (1, 2), 1),
        ({"familiarity": (0.5,)}, (2, 2), 1),
        ({"evenness": (2.0, 10.0), "heard": (100, 1000, 5000)}, (2, 3), 12),
    ],
)
def test_maps_of_few_or_many_axes_can_be_cut(
    changes: dict[str, tuple[float, ...]], shape: tuple[int, int], n_slices: int
) -> None:
    plan = replace(PLAN, **changes)  # type: ignore[arg-type]
    parts = slices(plan, numbered(plan))
    assert [part.column("number").shape for part in parts] == [shape] * n_slices
    cells = np.concatenate([part.column("number").ravel() for part in parts])
    assert sorted(cells.tolist()) == list(range(len(plan.conditions)))
    assert len({part.title for part in parts}) == n_slices


def test_the_border_runs_where_it_begins_to_pay() -> None:
    assert outline(np.zeros((2, 3), bool)) == []
    (only,) = (outline(np.array([[True]])),)
    assert len(only) == 4
    inside = np.array([[False, False, True], [False, True, True]])
    segments = {tuple(sorted(segment)) for segment in outline(inside)}
    assert segments == {
        ((1.5, -0.5), (1.5, 0.5)),  # left of the cell below
        ((0.5, 0.5), (1.5, 0.5)),  # and over to that above
        ((0.5, 0.5), (0.5, 1.5)),
        ((0.5, 1.5), (1.5, 1.5)),
        ((1.5, 1.5), (2.5, 1.5)),
        ((2.5, -0.5), (2.5, 0.5)),
        ((2.5, 0.5), (2.5, 1.5)),
        ((1.5, -0.5), (2.5, -0.5)),
    }


def test_the_border_of_records_made_by_hand() -> None:
    grid = a_grid()
    rows = condition_rows(RIVALS, user_rows(grid, some_results(grid)))
    without, ten = slices(PLAN, rows)
    assert without.column("pays").tolist() == [[0, 0, 1], [0, 0, 1]]
    assert ten.column("pays").tolist() == [[0, 1, 1], [0, 1, 1]]
