from collections.abc import Sequence
from io import BytesIO
from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from rich.console import Console

from fedasc.corpus.parts import PARTS
from fedasc.corpus.recordings import Recording
from fedasc.report.corpus_check import (
    TypeCount,
    corpus_counts,
    corpus_picture,
    corpus_table,
    left_out_reasons,
)

LEFT_OUT = "#882255"


def recording(label: str, domain: str, kind: str, group: str) -> Recording:
    return Recording(path=f"{kind}/{group}.wav", label=label, domain=domain, type=kind, group=group)


def clips(*kinds: tuple[str, str, str, str, str]) -> tuple[TypeCount, ...]:
    return corpus_counts([recording(*kind[:4]) for kind in kinds], [kind[4] for kind in kinds])


SMALL = clips(
    ("speech", "", "read", "anna", "train"),
    ("noise", "urban", "tram", "a", "train"),
    ("noise", "nature", "rain", "b", "train"),
    ("noise", "nature", "wind", "c", "evaluation"),
    ("noise", "nature", "wind", "c", "evaluation"),
    ("noise", "nature", "wind", "d", "train"),
    ("noise", "nature", "brook", "d", "train"),
    ("music", "", "rock", "e", "aggregation"),
)


def many(n_types: int) -> tuple[TypeCount, ...]:
    """Three clips of each type, in turn noise of four domains, music and speech."""
    places = [("noise", d) for d in ("domestic", "nature", "urban", "")]
    places += [("music", ""), ("speech", "")]
    return clips(
        *(
            (*places[i % len(places)], f"a_rather_long_{i:03d}", f"{i}", part)
            for i in range(n_types)
            for part in PARTS[:3]
        )
    )


def picture(
    counts: Sequence[TypeCount],
    levels: Sequence[float] = (-20.0, -30.0),
    ratios: Sequence[float] = (2.0, 7.0),
    used: Sequence[bool] = (True, False),
    calibrations: Sequence[float] | None = None,
) -> Figure:
    return corpus_picture(
        counts,
        level_dbfs=np.array(levels),
        energy_peak_ratio=np.array(ratios),
        used=np.array(used, bool),
        calibration_db_spl=np.array(calibrations or [np.nan] * len(used)),
    )


def panels(figure: Figure) -> tuple[Axes, Axes, list[Axes]]:
    levels, ratios, *types = figure.axes
    return levels, ratios, types


def lines(counts: Sequence[TypeCount], width: int = 80) -> list[str]:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(corpus_table(counts))
    return [line.strip() for line in capture.get().splitlines() if line.strip()]


def cells(counts: Sequence[TypeCount], name: str) -> list[str]:
    """What stands in the line of a type or total."""
    return next(
        line.strip().removeprefix(f"{name} ").split()
        for line in lines(counts)
        if line.strip().startswith(f"{name} ")
    )


def test_clips_are_counted_by_label_domain_and_type() -> None:
    wind = next(count for count in SMALL if count.type == "wind")
    assert (wind.label, wind.domain) == ("noise", "nature")
    assert wind.n_by_part == {"train": 1, "validation": 0, "aggregation": 0, "evaluation": 2}
    assert wind.n_clips == 3
    assert wind.groups == {"c", "d"}
    assert wind.hours == pytest.approx(30 / 3600)
    assert sum(count.n_clips for count in SMALL) == 8


def test_labels_and_domains_keep_together_and_large_types_come_first() -> None:
    assert [count.type for count in SMALL] == ["wind", "brook", "rain", "tram", "rock", "read"]


def test_a_type_of_two_domains_counts_in_each() -> None:
    found = clips(
        ("noise", "urban", "rain", "a", "train"), ("noise", "nature", "rain", "a", "train")
    )
    assert [(count.domain, count.n_clips) for count in found] == [("nature", 1), ("urban", 1)]


def test_the_table_shows_types_and_the_totals_of_labels_and_all() -> None:
    assert cells(SMALL, "wind") == ["3", "2", "0.01", "1", "-", "-", "2"]
    assert cells(SMALL, "all noise") == ["6", "4", "0.02", "4", "-", "-", "2"]
    assert cells(SMALL, "all speech") == ["1", "1", "0.00", "1", "-", "-", "-"]
    assert lines(SMALL)[-1].split() == ["all", "8", "6", "0.02", "5", "-", "1", "2"]


def test_types_stand_under_their_label_and_domain() -> None:
    shown = [line.rstrip() for line in lines(SMALL)]
    first = [line.split()[0] for line in shown if line.strip()]
    assert shown.index("noise, nature") < shown.index("noise, urban") < shown.index("music")
    assert first.index("rain") < first.index("tram") < first.index("rock")
    below = [shown[shown.index(name) + 1].split()[0] for name in ("noise, urban", "music")]
    assert below == ["tram", "rock"]


def test_a_group_of_several_types_counts_once_in_the_total() -> None:
    """Group d has wind and a brook."""
    assert sum(len(count.groups) for count in SMALL if count.label == "noise") == 5
    assert cells(SMALL, "all noise")[1] == "4"


def test_eighty_columns_hold_the_table_whatever_the_names() -> None:
    counts = clips(*[("noise", "urban", "x" * 40, "a", part) for part in PARTS for _ in range(3)])
    shown = lines(counts)
    assert max(map(len, shown)) <= 80
    assert sum(line.count("x") for line in shown) == 40
    assert all(any(part in line for line in shown) for part in PARTS)


def test_reasons_are_counted_by_kind_and_the_frequent_come_first() -> None:
    left = [
        ("a: 1.wav", "/corpus/a: 1.wav: no such file"),
        ("b.wav", "short bursts only: energy-peak ratio 7.3 > 5"),
        ("c.wav from 20 s", "/corpus/c.wav: not a readable audio file (Error opening 'c.wav')"),
        ("d.wav", "shorter than 5 s; give longer recordings"),
        ("e.wav", "short bursts only: energy-peak ratio 12.0 > 5"),
        ("silent/f.wav", "silent: under -80 dBFS"),
        ("g from x.wav from 1.5 s", "/corpus/g from x.wav: not a readable audio file (what)"),
        ("h.wav", "short bursts only: energy-peak ratio 5.1 > 5"),
    ]
    assert list(left_out_reasons(left).items()) == [
        ("short bursts only", 3),
        ("not a readable audio file", 2),
        ("no such file", 1),
        ("shorter than 5 s", 1),
        ("silent", 1),
    ]
    assert left_out_reasons([]) == {}


def test_bars_are_the_clips_of_each_type_in_each_part() -> None:
    _, _, types = panels(picture(SMALL))
    found = {
        (name.get_text(), part): bar.get_width()
        for axes in types
        for part, bars in zip(PARTS, axes.containers, strict=True)
        for name, bar in zip(axes.get_yticklabels(), bars, strict=True)
    }
    assert found == {(count.type, part): count.n_by_part[part] for count in SMALL for part in PARTS}


def test_bars_of_a_type_lie_end_to_end_and_the_largest_is_on_top() -> None:
    _, _, (nature, *_) = panels(picture(SMALL))
    ends = [bar.get_x() + bar.get_width() for bar in nature.containers[-1]]
    assert ends == [3, 1, 1]
    assert [label.get_text() for label in nature.get_yticklabels()] == ["wind", "brook", "rain"]
    assert list(nature.get_yticks()) == sorted(nature.get_yticks(), reverse=True)


def test_each_label_has_a_scale_of_its_own() -> None:
    _, _, types = panels(picture(SMALL))
    limits = {axes.get_title("left").split(":")[0]: axes.get_xlim()[1] for axes in types}
    assert limits["noise, nature"] == limits["noise, urban"] > 3
    assert limits["music"] < 3


@pytest.mark.parametrize("n_types", [1, 6, 13, 120])
def test_names_and_headings_neither_overlap_nor_leave_the_picture(n_types: int) -> None:
    figure = picture(many(n_types))
    figure.savefig(BytesIO(), format="raw")
    texts = [text for text in figure.findobj(Text) if text.get_visible()]
    names = [text for text in texts if "rather_long" in text.get_text()]
    headings = [text for text in texts if "clips" in text.get_text()]
    assert len(names) == n_types
    assert len(headings) == len(panels(figure)[2]) + 1
    boxes = [text.get_window_extent() for text in (*names, *headings)]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    whole = figure.bbox
    assert all(whole.x0 <= box.x0 and box.x1 <= whole.x1 for box in boxes)
    assert all(whole.y0 <= box.y0 and box.y1 <= whole.y1 for box in boxes)


def test_a_picture_is_as_wide_as_a_page_and_as_high_as_its_types_need() -> None:
    sizes = [picture(many(n)).get_size_inches() for n in (6, 60, 120)]
    assert {width for width, _ in sizes} == {8.0}
    assert all(few < more for (_, few), (_, more) in pairwise(sizes))
    assert sizes[-1][1] < 16


def heights(axes: Axes) -> dict[str, float]:
    """Pieces in each colour of a histogram."""
    return {
        to_hex(bars[0].get_facecolor()): sum(bar.get_height() for bar in bars)
        for bars in axes.containers
    }


def test_what_was_left_out_has_another_colour_and_silence_is_shown_at_the_edge() -> None:
    levels, ratios, _ = panels(
        picture(
            SMALL,
            levels=[-20.0, -30.0, -np.inf, -85.0, 0.5],
            ratios=[2.0, 7.0, np.nan, np.nan, 40.0],
            used=[True, False, False, False, True],
        )
    )
    assert heights(levels)[LEFT_OUT] == 3
    assert sum(heights(levels).values()) == 5
    assert levels.containers[1][0].get_height() == 1
    assert heights(ratios)[LEFT_OUT] == 1
    assert sum(heights(ratios).values()) == 3


def test_levels_are_sound_pressure_where_calibrated() -> None:
    both = picture(
        SMALL,
        levels=[-20.0, -30.0, -np.inf, -85.0],
        ratios=[2.0, 7.0, np.nan, np.nan],
        used=[True, True, False, False],
        calibrations=[np.nan, 100.5, np.nan, 94.5],
    )
    plain, pressure, *_ = both.axes
    assert "dBFS" in plain.get_xlabel()
    assert "dB SPL" in pressure.get_xlabel()
    at = {
        axes: [bar.get_x() for bars in axes.containers for bar in bars if bar.get_height()]
        for axes in (plain, pressure)
    }
    assert at[plain] == [-20, -100]
    assert at[pressure] == [70, 8]
    limits = [sorted({x for line in a.lines for x in np.asarray(line.get_xdata())}) for a in at]
    assert limits == [[-80], [14.5, 20.5]]
    levels, ratios, _ = panels(picture(SMALL, calibrations=[94.0, 94.0]))
    assert "dB SPL" in levels.get_xlabel()
    assert "ratio" in ratios.get_xlabel()


def test_ratios_have_a_log_axis_with_the_limit_between_two_bars() -> None:
    _, ratios, _ = panels(picture(SMALL))
    (limit,) = {x for line in ratios.lines for x in np.asarray(line.get_xdata())}
    assert limit == 5
    assert ratios.get_xscale() == "log"
    starts = [bar.get_x() for bar in ratios.containers[0]]
    assert min(abs(start - 5) for start in starts) < 1e-9


def test_names_are_shown_to_the_letter() -> None:
    odd = clips(("noise", "$[bold]$", "a$b_[red]c$", "g", "train"))
    assert cells(odd, "a$b_[red]c$")[0] == "1"
    assert any(line.startswith("noise, $[bold]$") for line in lines(odd))
    figure = picture(odd)
    texts = [text for text in figure.findobj(Text) if "$" in text.get_text()]
    assert texts
    assert not any(text.get_parse_math() for text in texts)


def test_nothing_examined_still_makes_a_picture() -> None:
    picture(SMALL, levels=[], ratios=[], used=[]).savefig(BytesIO(), format="raw")
