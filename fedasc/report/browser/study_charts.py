"""Plots of studies, as specifications of Vega-Lite."""

from collections.abc import Mapping, Sequence
from typing import Any

from fedasc.evaluation.scores import RIVALS
from fedasc.report.browser import charts
from fedasc.report.browser.parts import Part
from fedasc.report.looks import CLASSIFIERS, Look, entry_looks
from fedasc.report.rows import Row
from fedasc.report.when_slices import Slice, words_of


def named(row: Row, keys: Sequence[str]) -> str:
    """What to call an entry."""
    return ", ".join(str(row[key]) for key in keys)


def _percent(value: float) -> float | None:
    """A share in %; None of NaN."""
    return None if value != value else 100 * value


def over_rivals(rows: Sequence[Row], keys: Sequence[str]) -> Part:
    """Mean gains over baseline and comprehensive classifiers, a line for each entry.

    Args:
        rows: With columns over_baseline_mean, _low and _high, and likewise over_comprehensive.
        keys: Columns that name an entry.
    """
    values = [
        {
            "entry": named(row, keys),
            "gain over": rival,
            **{end: _percent(row[f"over_{rival}_{end}"]) for end in ("mean", "low", "high")},
        }
        for row in rows
        for rival in RIVALS
        if f"over_{rival}_mean" in row
    ]
    looks = {name: CLASSIFIERS[name] for name in RIVALS}
    return charts.intervals(values, y="entry", by="gain over", looks=looks, title="gain (points)")


def entries_points(rows: Sequence[Row], costs: Mapping[str, str]) -> Part:
    """A point for each entry of a comparison: what it gains against what it takes.

    Args:
        rows: See `fedasc.report.comparison_results.standings`.
        costs: Columns that may stand below.
    """
    looks = entry_looks([(row["strategy"], row["aggregator"]) for row in rows])
    by_name = {", ".join(entry): look for entry, look in looks.items()}
    values = [
        {
            "entry": named(row, ("strategy", "aggregator")),
            **{
                name: _percent(row[f"{name}_mean"])
                for name in ("over_baseline", "over_comprehensive")
            },
            **{name: row[name] if abs(row[name]) != float("inf") else None for name in costs},
        }
        for row in rows
    ]
    return {
        "data": {"values": values},
        "height": 340,
        "layer": [
            charts.zero_line("y"),
            {
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {
                    "x": charts.number_axis(
                        "@x.title", field="@x", scale={"zero": False, "padding": 12}
                    ),
                    "y": charts.signed_axis("@y.title", field="@y"),
                    **_entry_channels(by_name),
                    "tooltip": [
                        {"field": "entry"},
                        *(
                            {"field": name, "type": "quantitative", "title": title, "format": form}
                            for name, title, form in (
                                ("over_baseline", "over baseline (points)", "+.1f"),
                                ("over_comprehensive", "over comprehensive (points)", "+.1f"),
                                *((name, title, ".4~g") for name, title in costs.items()),
                            )
                        ),
                    ],
                },
            },
        ],
    }


def _entry_channels(looks: Mapping[str, Look]) -> Part:
    legend = {"title": None, "columns": 2}
    return {
        "color": {"field": "entry", "scale": charts.scale_of(looks), "legend": legend},
        "shape": {"field": "entry", "scale": charts.scale_of(looks, "shape"), "legend": legend},
    }


def entry_nights(curves: Mapping[tuple[str, ...], Sequence[float]]) -> Part:
    """Mean accuracy of every entry from night to night."""
    looks = entry_looks([(label[0], label[1]) for label in curves])
    by_name = {", ".join(entry): look for entry, look in looks.items()}
    values = [
        {"entry": ", ".join(label), "night": night, "accuracy": _percent(accuracy)}
        for label, curve in curves.items()
        for night, accuracy in enumerate(curve)
    ]
    night = {"title": "night", "tickMinStep": 1, "format": "d"}
    return {
        "data": {"values": values},
        "height": 320,
        "mark": {"type": "line", "point": {"filled": True, "size": 45}},
        "encoding": {
            "x": {
                "field": "night",
                "type": "quantitative",
                "axis": night,
                "scale": {"zero": False, "padding": 12},
            },
            "y": charts.number_axis("accuracy (%)", field="accuracy"),
            **_entry_channels(by_name),
            "tooltip": [
                {"field": "entry"},
                {"field": "night"},
                {"field": "accuracy", "type": "quantitative", "format": ".1f"},
            ],
        },
    }


def condition_map(part: Slice, end: float) -> Part:
    """Gains over the best rival in a slice of a map; where it pays, the number is bold.

    Args:
        end: Points that the scale of colours reaches.
    """
    values = [
        {
            "x": right,
            "y": up,
            "gain": _percent(row["over_best_mean"]),
            "low": _percent(row["over_best_low"]),
            "high": _percent(row["over_best_high"]),
            "worse": _percent(row["worse"]),
            "rival": row["best_rival"],
            "pays": bool(row["pays"]),
        }
        for up, line in zip(part.y_words, part.rows, strict=True)
        for right, row in zip(part.x_words, line, strict=True)
    ]
    told: list[dict[str, Any]] = [{"field": "x", "title": part.x}, {"field": "y", "title": part.y}]
    for name, title, form in (
        ("gain", "over the best rival", "+.1f"),
        ("low", "interval from", "+.1f"),
        ("high", "to", "+.1f"),
        ("worse", "users worse than with all data (%)", ".0f"),
    ):
        told.append({"field": name, "type": "quantitative", "title": title, "format": form})
    axis = {"labelAngle": 0, "domain": False, "ticks": False}
    return {
        "data": {"values": values},
        "height": 56 * len(part.y_words),
        "encoding": {
            "x": {
                "field": "x",
                "type": "ordinal",
                "sort": [*part.x_words],
                "axis": {"title": words_of(part.x), **axis},
            },
            "y": {
                "field": "y",
                "type": "ordinal",
                "sort": [*reversed(part.y_words)],
                "axis": {"title": words_of(part.y), **axis},
            },
            "tooltip": [*told, {"field": "rival", "title": "best rival"}, {"field": "pays"}],
        },
        "layer": [
            {
                "mark": {"type": "rect"},
                "encoding": {
                    "color": {
                        "field": "gain",
                        "type": "quantitative",
                        "scale": {"scheme": "purpleorange", "reverse": True, "domain": [-end, end]},
                        "legend": {"title": "points", "gradientLength": 160},
                    },
                    "stroke": {
                        "condition": {"test": "datum.pays", "value": "@ink"},
                        "value": None,
                    },
                    "strokeWidth": {"value": 2.5},
                },
            },
            {
                "mark": {"type": "text", "fontSize": 13},
                "encoding": {
                    "text": {"field": "gain", "type": "quantitative", "format": "+.1f"},
                    "color": {
                        "condition": {"test": f"abs(datum.gain) > {0.6 * end:g}", "value": "white"},
                        "value": "black",
                    },
                },
            },
        ],
    }
