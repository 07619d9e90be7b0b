import re
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from fedasc.report.confusions import confusions_figure
from fedasc.report.figures import bounds, reach, save, signed
from fedasc.report.overview import overview
from fedasc.report.plots import before_after_figure, gains_figure
from tests.report.drawn import marks_zero, middles
from tests.report.records import a_lost_one, a_record

RECORDS = [
    *(a_record("U$1", after=0.5 + gain, device=n) for n, gain in enumerate((0.1, -0.2))),
    *(a_record("U2", before=0.4, after=0.6, comprehensive=0.5, device=2 + n) for n in range(6)),
    a_lost_one("U2", device=8),
]


def drawn() -> Figure:
    figure = Figure(figsize=(4, 3), layout="constrained")
    figure.subplots().plot([0, 1], [0, 1], label="a")
    figure.legend(loc="outside upper center")
    return figure


@pytest.mark.usefixtures("vectors")
def test_a_figure_is_saved_in_three_formats_which_are_the_same_whenever_they_are_drawn(
    tmp_path: Path,
) -> None:
    for name in ("one", "other.png"):
        save(drawn(), tmp_path / name, dpi=100)
    for suffix, start in ((".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<?xml")):
        one, other = (tmp_path / f"{stem}{suffix}" for stem in ("one", "other"))
        assert one.read_bytes() == other.read_bytes()
        assert one.read_bytes().startswith(start)
    assert matplotlib.image.imread(tmp_path / "one.png").shape[:2] == (300, 400)
    assert b"/Type3" not in (tmp_path / "one.pdf").read_bytes(), "no journal takes these fonts"


def test_bounds_hold_whole_intervals_but_of_what_is_far_below() -> None:
    low, high = bounds([(1, 0, 2), (2, -5, 9), (1.5, float("nan"), float("nan"))], reach=3)
    assert -6.5 < low < -5
    assert 9 < high < 10.5
    low, _ = bounds([(1, 0, 2), (2, 1, 3), (-40, -41, -39)], also=[-1.0], reach=3)
    assert -1.5 < low < -1


def test_differences_have_signs_and_no_hyphen() -> None:
    assert [signed(value) for value in (-2.5, 0, 3)] == ["\u22122.5", "0", "+3"]


def test_an_interval_reaches_down_and_up() -> None:
    np.testing.assert_allclose(reach([1, 2], [0, 2], [4, 2]), [[1, 0], [3, 0]])
    assert np.isnan(reach(1, float("nan"), float("nan"))).all()


def test_gains_are_drawn_over_both_rivals_with_the_share_of_who_is_worse_off() -> None:
    upper, lower = gains_figure(RECORDS).axes
    for axes, expected in ((upper, [[-20, 10], [20] * 6]), (lower, [[-20, 10], [10] * 6])):
        steps = [step.get_data()[0] for step in axes.patches if isinstance(step, StepPatch)]
        for some, values in zip(steps, expected, strict=True):
            np.testing.assert_allclose(some, values)
        labels = [label.get_text() for label in axes.get_xticklabels()]
        assert labels == ["U$1\n50 % worse", "U2\n0 % worse"]
        assert not any(label.get_parse_math() for label in axes.get_xticklabels())
        assert marks_zero(axes)


def test_differences_are_paired_and_have_intervals_from_five_users_on() -> None:
    figure = before_after_figure(RECORDS)
    upper, lower = figure.axes
    legend = upper.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        *("baseline", "personal", "comprehensive", "teacher")
    ]
    assert middles(lower) == pytest.approx([20, 10]), "of U2 alone"
    assert marks_zero(lower)
    (note,) = figure.legends
    assert re.search("whiskers: all users", note.get_title().get_text())


def test_windows_of_all_users_are_counted_together() -> None:
    pools = overview([RECORDS]).confusions
    assert list(pools) == ["baseline", "personal", "comprehensive", "teacher"]
    counts = np.sum([record.scores["personal"].counts for record in RECORDS[:-1]], axis=0)
    np.testing.assert_array_equal(pools["personal"].counts, counts)
    figure = confusions_figure(pools)
    shares = [text.get_text() for text in figure.axes[1].texts]
    right = counts[1, 1] / counts[1].sum()
    assert shares[[text.get_position() for text in figure.axes[1].texts].index((1, 1))] == (
        f"{100 * right:.0f}"
    )
    assert len(shares) == 4 * int((counts.sum(axis=1) > 0).sum()), "no share of nothing"
    assert figure.axes[1].get_title() == f"personal\n{100 * pools['personal'].accuracy:.1f} %"
