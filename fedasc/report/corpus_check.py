"""What a corpus holds, as a table and a picture."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Patch
from numpy.typing import NDArray
from rich.text import Text

from fedasc.audio import FloatArray
from fedasc.audio.level import MAX_ENERGY_PEAK_RATIO, SILENCE_DBFS
from fedasc.corpus.clips import CLIP_S
from fedasc.corpus.parts import PARTS
from fedasc.corpus.recordings import LABELS, Recording
from fedasc.report.fitted import FittedTable
from fedasc.report.looks import series

_PART_COLOURS = [look.colour for look in series(PARTS).values()]
_USED, _LEFT_OUT = "#bbbbbb", "#882255"
_WIDTH_IN = 8.0
_TOP_IN = 2.6
_LEGEND_IN = 0.6
_BAR_IN = 0.15
_HEADING_IN = 0.5
_LEVELS_DBFS: FloatArray = np.arange(-100.0, 2.0, 2.0)
_LEVELS_DB_SPL: FloatArray = np.arange(0.0, 142.0, 2.0)
_RATIOS: FloatArray = MAX_ENERGY_PEAK_RATIO * np.power(
    1.055, np.arange(-31.0, 40.0)
)  # from 0.95 to 40.3
_RATIO_TICKS = (1, 2, 5, 10, 20, 40)


@dataclass(frozen=True, kw_only=True)
class TypeCount:
    """What a corpus holds of one type.

    Args:
        label: noise, music or speech.
        domain: Surroundings of a noise, or empty.
        type: Noise type, music genre or kind of speech.
        groups: Originals that the clips come from.
        n_by_part: Clips in each part of the split.
    """

    label: str
    domain: str
    type: str
    groups: frozenset[str]
    n_by_part: Mapping[str, int]

    @property
    def n_clips(self) -> int:
        return sum(self.n_by_part.values())

    @property
    def hours(self) -> float:
        return self.n_clips * CLIP_S / 3600


def corpus_counts(recordings: Sequence[Recording], parts: Sequence[str]) -> tuple[TypeCount, ...]:
    """A count for each label, domain and type, in this order; of a domain the largest type first.

    Args:
        recordings: The recording of each usable clip.
        parts: The part of the split that each clip stands in.
    """
    clips: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for recording, part in zip(recordings, parts, strict=True):
        kind = (recording.label, recording.domain, recording.type)
        clips[kind].append((recording.group, part))
    counts = []
    for (label, domain, name), placed in clips.items():
        groups, its_parts = zip(*placed, strict=True)
        n_by_part = {part: its_parts.count(part) for part in PARTS}
        counts.append(
            TypeCount(
                label=label,
                domain=domain,
                type=name,
                groups=frozenset(groups),
                n_by_part=n_by_part,
            )
        )
    return tuple(
        sorted(counts, key=lambda c: (LABELS.index(c.label), c.domain, -c.n_clips, c.type))
    )


def left_out_reasons(left: Sequence[tuple[str, str]]) -> Mapping[str, int]:
    """How many recordings were left out for each kind of reason, the most frequent first.

    Args:
        left: Names and reasons. What a reason says of its recording alone doesn't make another
            kind: the path at its start, and what follows a colon, semicolon or bracket.
    """
    kinds: Counter[str] = Counter()
    for name, reason in left:
        path = Path(re.sub(r" from \S+ s$", "", name))
        _, named, rest = reason.partition(f"{path}: ")
        kinds[re.split(r"[:;(]", rest if named else reason)[0].strip()] += 1
    return dict(kinds.most_common())


def corpus_table(counts: Sequence[TypeCount]) -> FittedTable:
    """Clips, groups and hours of each type, and of each label and all at the end.

    Types stand under the name of their label and domain; a part that a type lacks is a dash.

    Args:
        counts: At least one, in the order of `corpus_counts`.
    """
    sections: list[list[list[Text]]] = []
    for heading, section in groupby(counts, key=_heading):
        nothing = [Text()] * (3 + len(PARTS))
        types = [[Text(f"  {count.type}"), *_cells([count])] for count in section]
        sections.append([[Text(heading, style="bold"), *nothing], *types])
    of_labels = [(label, [c for c in counts if c.label == label]) for label in LABELS]
    sections.append([[Text(f"all {label}"), *_cells(some)] for label, some in of_labels if some])
    sections[-1].append([Text("all", style="bold"), *_cells(counts, style="bold")])
    return FittedTable(
        title=Text("Usable clips of 10 s, and how many are in each part"),
        headings=("", "clips", "groups", "hours", *PARTS),
        sections=sections,
    )


def _heading(count: TypeCount) -> str:
    return ", ".join(filter(None, (count.label, count.domain)))


def _cells(counts: Sequence[TypeCount], *, style: str = "") -> list[Text]:
    groups = frozenset().union(*(count.groups for count in counts))
    n_by_part = [sum(count.n_by_part[part] for count in counts) for part in PARTS]
    told = [
        f"{sum(n_by_part):,}",
        f"{len(groups):,}",
        f"{sum(count.hours for count in counts):.2f}",
        *(f"{n:,}" if n else "-" for n in n_by_part),
    ]
    return [Text(one, style=style) for one in told]


def corpus_picture(
    counts: Sequence[TypeCount],
    *,
    level_dbfs: FloatArray,
    energy_peak_ratio: FloatArray,
    used: NDArray[np.bool_],
    calibration_db_spl: FloatArray,
) -> Figure:
    """Levels, energy-peak ratios, and the clips of each type by part.

    Args:
        counts: What `corpus_counts` found.
        level_dbfs: (n_examined,) of every 10 s that were examined; -inf for digital silence.
        energy_peak_ratio: (n_examined,) NaN where silent.
        used: (n_examined,) whether they are among the usable clips.
        calibration_db_spl: (n_examined,) sound pressure level at 0 dBFS; NaN where not calibrated.
            Levels are in dB SPL where it is known, in a histogram of their own.
    """
    sections = [list(section) for _, section in groupby(counts, key=_heading)]
    cut = min(
        range(1, len(sections) + 1),
        key=lambda cut: max(_height_in(sections[:cut]), _height_in(sections[cut:])),
    )
    columns = (sections[:cut], sections[cut:])
    # a little more than the higher column needs: the layout fails on free space of no height
    bars_in = _BAR_IN + max(map(_height_in, columns))
    bottom_in = _LEGEND_IN + bars_in
    figure = Figure(figsize=(_WIDTH_IN, _TOP_IN + bottom_in), layout="constrained")
    halves = figure.subfigures(2, 1, squeeze=False, height_ratios=[_TOP_IN, bottom_in])
    top, bottom = halves[:, 0]
    _plot_histograms(top, level_dbfs, energy_peak_ratio, used, calibration_db_spl)
    sides = bottom.add_gridspec(1, 2)
    for side, column in enumerate(columns):
        heights_in = [_BAR_IN * len(section) for section in column]
        free_in = bars_in - _height_in(column)
        grid = sides[side].subgridspec(len(column) + 1, 1, height_ratios=[*heights_in, free_in])
        for row, section in enumerate(column):
            most = max(count.n_clips for count in counts if count.label == section[0].label)
            _plot_types(bottom.add_subplot(grid[row]), section, most=most)
    bottom.legend(
        [Patch(color=colour) for colour in _PART_COLOURS], PARTS,
        title="clips in each part", ncols=4, loc="outside upper center",
    )  # fmt: skip
    return figure


def _height_in(sections: Sequence[Sequence[TypeCount]]) -> float:
    """Height of a column of bars with their headings and axes."""
    return sum(_HEADING_IN + _BAR_IN * len(section) for section in sections)


def _plot_types(axes: Axes, section: Sequence[TypeCount], *, most: int) -> None:
    """Bars of the types of one label and domain, on a scale for the label's largest."""
    places = -np.arange(len(section))
    start = np.zeros(len(section))
    for part, colour in zip(PARTS, _PART_COLOURS, strict=True):
        n_clips = [count.n_by_part[part] for count in section]
        bars = axes.barh(places, n_clips, left=start, color=colour)
        start += n_clips
    axes.bar_label(bars, [f"{count.n_clips:,}" for count in section], padding=2, fontsize=6)
    axes.set_yticks(places, [count.type for count in section], fontsize=7, parse_math=False)
    axes.set_ylim(places[-1] - 0.6, 0.6)
    axes.set_xlim(0, 1.15 * most)
    axes.tick_params(axis="x", labelsize=7)
    axes.tick_params(axis="y", length=0)
    axes.set_title(
        f"{_heading(section[0])}: {start.sum():,.0f} clips, "
        f"{len(section)} type{'s' * (len(section) > 1)}",
        fontsize=9, loc="left", parse_math=False,
    )  # fmt: skip
    axes.spines[["top", "right"]].set_visible(False)


def _plot_histograms(
    figure: SubFigure,
    level_dbfs: FloatArray,
    ratio: FloatArray,
    used: NDArray[np.bool_],
    calibration_db_spl: FloatArray,
) -> None:
    calibrated = np.isfinite(calibration_db_spl)
    limits_db_spl = SILENCE_DBFS + np.unique(calibration_db_spl[calibrated])
    levels: list[tuple[str, FloatArray, NDArray[np.bool_], FloatArray, FloatArray]] = []
    if not len(used) or not calibrated.all():
        levels.append(("dBFS", level_dbfs, ~calibrated, _LEVELS_DBFS, np.array([SILENCE_DBFS])))
    if calibrated.any():
        level_db_spl = level_dbfs + calibration_db_spl
        levels.append(("dB SPL", level_db_spl, calibrated, _LEVELS_DB_SPL, limits_db_spl))
    *of_levels, of_ratios = figure.subplots(1, len(levels) + 1)
    for axes, (unit, level, shown, edges, limits) in zip(of_levels, levels, strict=True):
        _plot_histogram(axes, np.clip(level, edges[0], edges[-1]), used, shown, edges, limits)
        axes.set_xlabel(f"level ({unit}; lower ones at {edges[0]:g})")
    of_levels[0].set_ylabel("pieces of 10 s")
    limits = np.array([MAX_ENERGY_PEAK_RATIO])
    _plot_histogram(of_ratios, ratio, used, np.isfinite(ratio), _RATIOS, limits)
    of_ratios.set_xlabel("energy-peak ratio (no limit for speech)")
    of_ratios.set_xscale("log")
    of_ratios.set_xticks(_RATIO_TICKS, map(str, _RATIO_TICKS))
    of_ratios.minorticks_off()
    figure.legend(*of_ratios.get_legend_handles_labels(), ncols=3, loc="outside upper center")


def _plot_histogram(
    axes: Axes,
    values: FloatArray,
    used: NDArray[np.bool_],
    shown: NDArray[np.bool_],
    edges: FloatArray,
    limits: FloatArray,
) -> None:
    axes.hist(
        [values[used & shown], values[~used & shown]],
        bins=edges.tolist(),
        stacked=True,
        color=[_USED, _LEFT_OUT],
        label=[f"used ({used.sum():,})", f"left out ({(~used).sum():,})"],
    )
    for limit in limits:
        axes.axvline(limit, color="black", linewidth=0.8, linestyle="--", label="limit")
    axes.spines[["top", "right"]].set_visible(False)
