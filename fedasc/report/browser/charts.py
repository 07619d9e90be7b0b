"""Plots of a run, as specifications of Vega-Lite: the same colours and markers as in pictures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from fedasc.audio import FloatArray
from fedasc.evaluation.calibration import Reliability
from fedasc.evaluation.paired import interval_of_mean
from fedasc.evaluation.scores import CLASSIFIERS, MIN_USERS, RIVALS
from fedasc.experiments.record import Brief, by_profile
from fedasc.report.browser.parts import Part
from fedasc.report.looks import CLASSIFIERS as LOOKS
from fedasc.report.looks import Look, series
from fedasc.report.reliability import MIN_WINDOWS, wilson
from fedasc.report.rows import Row

_SHAPES: Mapping[Any, str] = {
    "o": "circle",
    "s": "square",
    "D": "diamond",
    "^": "triangle-up",
    "v": "triangle-down",
    "P": "cross",
    "X": "M-1,-0.6L-0.6,-1L0,-0.4L0.6,-1L1,-0.6L0.4,0L1,0.6L0.6,1L0,0.4L-0.6,1L-1,0.6L-0.4,0Z",
    "<": "triangle-left",
    "*": "M0,-1L0.3,-0.3L1,-0.3L0.45,0.15L0.65,0.9L0,0.45L-0.65,0.9L-0.45,0.15L-1,-0.3L-0.3,-0.3Z",
    ">": "triangle-right",
    "p": "M0,-1L0.95,-0.31L0.59,0.81L-0.59,0.81L-0.95,-0.31Z",
    "h": "M0,-1L0.87,-0.5L0.87,0.5L0,1L-0.87,0.5L-0.87,-0.5Z",
    "d": "M0,-1L0.5,0L0,1L-0.5,0Z",
    (4, 1, 0): "M0,-1L0.25,-0.25L1,0L0.25,0.25L0,1L-0.25,0.25L-1,0L-0.25,-0.25Z",
    r"$\heartsuit$": "M0,0.9L-0.9,-0.1L-0.8,-0.7L-0.35,-0.8L0,-0.4L0.35,-0.8L0.8,-0.7L0.9,-0.1Z",
    r"$\clubsuit$": "M-0.4,-1L0.4,-1L0.4,-0.3L1,-0.3L1,0.4L0.2,0.4L0.3,1L-0.3,1L-0.2,0.4L-1,0.4"
    "L-1,-0.3L-0.4,-0.3Z",
    r"$\spadesuit$": "M0,-1L0.9,0.1L0.7,0.6L0.2,0.4L0.3,1L-0.3,1L-0.2,0.4L-0.7,0.6L-0.9,0.1Z",
}
"""Of markers, in the words of Vega: a name, or a path within a square of side 2."""
_DASHES: Mapping[str, list[float]] = {"-": [], "--": [6, 4], ":": [1.5, 3], "-.": [7, 3, 1.5, 3]}
_LINE_PX = 15
"""Height of a box or an interval."""
_SIGNED = "abs(datum.value) < 1e-9 ? '0' : format(datum.value, '+~r')"
_NO_DATA: Part = {"values": [{}]}
ZERO: Part = {"data": _NO_DATA, "mark": {"type": "rule", "strokeWidth": 1.2}}


def scale_of(looks: Mapping[str, Look], part: str = "colour") -> Part:
    """From names to colours, markers or lines."""
    words = {
        "colour": [look.colour for look in looks.values()],
        "shape": [_SHAPES[look.marker] for look in looks.values()],
        "dash": [_DASHES[look.line] for look in looks.values()],
    }
    return {"domain": [*looks], "range": words[part]}


def number_axis(title: str, **how: Any) -> Part:
    """What is told in numbers, that need not begin with zero."""
    axis = {"title": title, "grid": True, **how.pop("axis", {})}
    return {"type": "quantitative", "scale": {"zero": False}, "axis": axis, **how}


def signed_axis(title: str, **how: Any) -> Part:
    """Differences, with their signs."""
    return number_axis(title, axis={"labelExpr": _SIGNED}, **how)


def zero_line(channel: str = "x") -> Part:
    """Where nothing is gained or lost."""
    return {**ZERO, "encoding": {channel: {"datum": 0}}}


def accuracy_boxes(records: Sequence[Brief]) -> Part:
    """Accuracies of every classifier by profile: medians, quartiles and extremes of users."""
    values = [
        {"profile": profile, "classifier": name, **_box([one.accuracy[name] for one in some])}
        for profile, some in by_profile(records).items()
        for name in CLASSIFIERS
    ]
    y = {"field": "profile", "type": "nominal", "sort": [*by_profile(records)], "title": None}
    offset = {"field": "classifier", "sort": [*CLASSIFIERS], "bandPosition": 0.5}
    told = ("n_users", "low", "first", "median", "third", "high")
    encoding = {
        "y": y,
        "yOffset": offset,
        "color": {
            "field": "classifier",
            "scale": scale_of(LOOKS),
            "legend": {"title": None, "symbolStrokeWidth": 9},
        },
        "tooltip": [
            {"field": "profile"},
            {"field": "classifier"},
            *({"field": name, "type": "quantitative", "format": ".1f"} for name in told[1:]),
            {"field": "n_users", "title": "users"},
        ],
    }
    title = "accuracy on own evaluation windows (%)"
    spans = {"x": number_axis(title, field="low"), "x2": {"field": "high"}}
    box = {"x": number_axis(title, field="first"), "x2": {"field": "third"}}
    return {
        "data": {"values": values},
        "height": len(values) * _LINE_PX * 1.25,
        "encoding": encoding,
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 1.5}, "encoding": spans},
            {"mark": {"type": "rule", "strokeWidth": 10}, "encoding": box},
            {  # a single user has no box
                "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {
                    "x": number_axis(title, field="median"),
                    "opacity": _where("datum.n_users == 1"),
                },
            },
            {
                "mark": {"type": "point", "shape": "M0,-1L0,1", "size": 90},
                "encoding": {
                    "x": number_axis(title, field="median"),
                    "opacity": _where("datum.n_users > 1"),
                    "color": {
                        "condition": {"test": "datum.classifier == 'teacher'", "value": "@ground"},
                        "value": "@ink",
                    },
                },
            },
        ],
    }


def _where(test: str) -> Part:
    """Opacity of what is to be seen there alone."""
    return {"condition": {"test": test, "value": 1}, "value": 0}


def _box(shares: Sequence[float]) -> dict[str, Any]:
    ends = 100 * np.quantile(shares, [0, 0.25, 0.5, 0.75, 1])
    names = ("low", "first", "median", "third", "high")
    return {**dict(zip(names, ends.round(2).tolist(), strict=True)), "n_users": len(shares)}


def gain_intervals(records: Sequence[Brief]) -> Part:
    """Mean gains over both rivals by profile, with intervals of five users and more."""
    values = []
    parts = by_profile(records)
    everyone = [record for some in parts.values() for record in some]
    for profile, some in ({**parts, "all": everyone} if len(parts) > 1 else parts).items():
        for rival in RIVALS:
            gains = 100 * np.array([one.accuracy["personal"] - one.accuracy[rival] for one in some])
            values.append(
                {
                    "profile": profile,
                    "gain over": rival,
                    "n_users": len(gains),
                    **mean_with_ends(gains),
                }
            )
    return intervals(
        values,
        y="profile",
        by="gain over",
        looks={name: LOOKS[name] for name in RIVALS},
        title="mean gain of personal classifiers (points)",
    )


def mean_with_ends(gains: FloatArray) -> dict[str, float | None]:
    """A mean, and both ends of its 95 % interval if there are values enough."""
    low, high = interval_of_mean(gains) if len(gains) >= MIN_USERS else (None, None)
    return {"mean": float(gains.mean()), "low": low, "high": high}


def intervals(
    values: Sequence[Mapping[str, Any]],
    *,
    y: str,
    by: str,
    looks: Mapping[str, Look],
    title: str,
    marks_zero: bool = True,
) -> Part:
    """Means with their intervals, a line for each.

    Args:
        values: With mean, low and high, which may be None.
        y, by: Columns: what stands at the left, and what colours tell apart.
        looks: Of the latter.
        title: Of the axis.
    """
    axis = signed_axis if marks_zero else number_axis
    x = axis(title, field="low")
    looks = {name: look for name, look in looks.items() if any(v[by] == name for v in values)}
    encoding: dict[str, Any] = {
        "y": {
            "field": y,
            "type": "nominal",
            "sort": [*dict.fromkeys(row[y] for row in values)],
            "title": None,
        },
        "color": {"field": by, "scale": scale_of(looks), "legend": {"title": by}},
        "shape": {"field": by, "scale": scale_of(looks, "shape"), "legend": {"title": by}},
        "tooltip": [
            *({"field": name} for name in dict.fromkeys((y, by))),
            *(
                {"field": name, "type": "quantitative", "format": "+.1f" if marks_zero else ".1f"}
                for name in ("mean", "low", "high")
            ),
        ],
    }
    if len(looks) == 1 or y == by:
        encoding["color"]["legend"] = encoding["shape"]["legend"] = None
    if len(looks) > 1 and y != by:
        encoding["yOffset"] = {"field": by, "sort": [*looks], "bandPosition": 0.5}
    point = {"type": "point", "filled": True, "size": 70, "opacity": 1}
    spans = {k: v for k, v in encoding.items() if k != "shape"} | {"x": x, "x2": {"field": "high"}}
    return {
        "data": {"values": values},
        "height": len(values) * (_LINE_PX + 3) * 1.25 + 10,
        "layer": [
            *([zero_line()] if marks_zero else []),
            *spans_layer(values, {"strokeWidth": 2}, spans),
            {
                "mark": point,
                "encoding": {**encoding, "x": axis(title, field="mean")},
            },
        ],
    }


def spans_layer(
    values: Sequence[Mapping[str, Any]], how: Mapping[str, Any], encoding: Mapping[str, Any]
) -> list[Part]:
    """The intervals of those values that have one; no layer if none has.

    Args:
        how: The rules are drawn.
    """
    spans = [row for row in values if (low := row.get("low")) is not None and low == low]
    rule = {"type": "rule", **how}
    return [{"data": {"values": spans}, "mark": rule, "encoding": encoding}] if spans else []


def user_points(profiles: Iterable[str]) -> Part:
    """A point for each user; who reads it chooses what stands on both axes."""
    looks = series(profiles)
    hollow = [name for name, look in looks.items() if look.is_hollow]
    chosen = {"condition": {"param": "some", "value": 0.85}, "value": 0.06}
    point = {"type": "point", "size": 42, "strokeWidth": 1.4, "cursor": "pointer", "aria": False}
    filled = {"param": "some", "empty": True}
    named = {"title": "profile"}
    color = {"field": "profile", "scale": scale_of(looks), "legend": named}
    return {
        "data": {"name": "points"},
        "height": 340,
        "layer": [
            zero_line("y"),
            {
                "params": [
                    {
                        "name": "some",
                        "select": {"type": "point", "fields": ["profile"]},
                        "bind": "legend",
                    },
                    {
                        "name": "part",
                        "bind": "scales",
                        "select": {
                            "type": "interval",
                            "zoom": "wheel![event.shiftKey]",
                            "translate": "[pointerdown[event.shiftKey], window:pointerup] > "
                            "window:pointermove!",
                        },
                    },
                ],
                "mark": point,
                "encoding": {
                    "x": number_axis("@x.title", field="@x", scale={"zero": False, "padding": 12}),
                    "y": signed_axis("@y.title", field="@y"),
                    "color": color,
                    "shape": {
                        "field": "profile",
                        "scale": scale_of(looks, "shape"),
                        "legend": named,
                    },
                    "fillOpacity": {
                        "condition": {
                            "test": {
                                "and": [filled, {"not": {"field": "profile", "oneOf": hollow}}]
                            },
                            "value": 0.6,
                        },
                        "value": 0,
                    },
                    "fill": {"field": "profile", "scale": scale_of(looks), "legend": named},
                    "opacity": chosen,
                    "tooltip": [
                        {"field": "device", "title": "user"},
                        {"field": "profile"},
                        *(
                            {"field": name, "type": "quantitative", "format": form, "title": title}
                            for name, form, title in (
                                ("baseline", ".1f", "before (%)"),
                                ("personal", ".1f", "after (%)"),
                                ("gain", "+.1f", "gain (points)"),
                                ("over", "+.1f", "over all data (points)"),
                                ("distance", ".2f", "distance"),
                            )
                        ),
                    ],
                },
            },
        ],
    }


def nights_lines(names: Sequence[str] = CLASSIFIERS) -> Part:
    """Accuracies from night to night, a line for each classifier; who shows it gives the data."""
    looks = {name: LOOKS[name] for name in names}
    return {
        "data": {"name": "nights"},
        "height": 260,
        "mark": {"type": "line", "point": {"filled": True, "size": 45}},
        "encoding": {
            "x": {
                "field": "night",
                "type": "quantitative",
                "axis": {"title": "night", "tickMinStep": 1, "format": "d"},
                "scale": {"zero": False, "padding": 12},
            },
            "y": number_axis("accuracy (%)", field="accuracy"),
            "color": {
                "field": "classifier",
                "scale": scale_of(looks),
                "legend": {"title": None},
            },
            "shape": {"field": "classifier", "scale": scale_of(looks, "shape")},
            "strokeDash": {"field": "classifier", "scale": scale_of(looks, "dash")},
            "tooltip": [
                {"field": "night"},
                {"field": "classifier"},
                {"field": "accuracy", "type": "quantitative", "format": ".1f"},
            ],
        },
    }


def mean_nights(rows: Sequence[Row], profile: str = "all") -> Part:
    """Mean accuracy of every classifier on each night, of the users of a profile."""
    values = [
        {"night": row["night"], "classifier": name, "accuracy": 100 * row[f"{name}_accuracy"]}
        for row in rows
        if row["profile"] == profile
        for name in CLASSIFIERS
    ]
    return {**nights_lines(), "data": {"values": values}}


def night_gains(rows: Sequence[Row]) -> Part:
    """The mean gain of all users on each night, with its interval of five users and more."""
    values = [
        {
            "night": row["night"],
            "mean": 100 * row["gain"],
            **{
                end: 100 * row[f"gain_{end}"] if row["n_users"] >= MIN_USERS else None
                for end in ("low", "high")
            },
        }
        for row in rows
        if row["profile"] == "all"
    ]
    colour = {"color": {"value": LOOKS["personal"].colour}}
    night = {
        "field": "night",
        "type": "quantitative",
        "axis": {"title": "night", "tickMinStep": 1, "format": "d"},
        "scale": {"zero": False, "padding": 12},
    }
    title = "mean gain (points)"
    spans = {"y": signed_axis(title, field="low"), "y2": {"field": "high"}}
    told = [{"field": "night"}]
    told += [
        {"field": n, "type": "quantitative", "format": "+.1f"} for n in ("mean", "low", "high")
    ]
    mean = {"y": signed_axis(title, field="mean"), "tooltip": told}
    return {
        "data": {"values": values},
        "height": 200,
        "layer": [
            zero_line("y"),
            *spans_layer(values, {"strokeWidth": 1.5}, {"x": night, **colour, **spans}),
            {
                "mark": {"type": "line", "point": {"filled": True, "size": 45}},
                "encoding": {"x": night, **colour, **mean},
            },
        ],
    }


def reliability_lines(bins: Mapping[str, Reliability]) -> Part:
    """How often the teacher is right, by how certain it is; in bins of fifty windows and more."""
    looks = {**series(name for name in bins if name != "all"), "all": LOOKS["teacher"]}
    values: list[dict[str, Any]] = []
    for name, counted in bins.items():
        n_windows = counted.n_windows[counted.n_windows > 0]
        low, high = wilson(counted)
        for n, (certainty, right, _), *ends in zip(
            n_windows, counted.curve(), low, high, strict=True
        ):
            if n >= MIN_WINDOWS:
                row = {"who": name, "certainty": 100 * certainty, "right": 100 * right}
                if name == "all":
                    row |= {"low": 100 * ends[0], "high": 100 * ends[1]}
                values.append({**row, "windows": int(n)})
    encoding = {
        "x": number_axis("certainty of the teacher (%)", field="certainty", axis={"tickCount": 8}),
        "color": {"field": "who", "scale": scale_of(looks), "legend": {"title": None}},
    }
    y = number_axis("right (%)", field="right")
    spans = {**encoding, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    told = [{"field": "who"}]
    told += [
        {"field": name, "type": "quantitative", "format": ".1f"} for name in ("certainty", "right")
    ]
    told.append({"field": "windows"})
    return {
        "data": {"values": values},
        "height": 320,
        "layer": [
            {
                "data": {"values": [{"x": 25, "y": 25}, {"x": 100, "y": 100}]},
                "mark": {
                    "type": "line",
                    "strokeDash": [4, 4],
                    "opacity": 0.5,
                    "color": "currentColor",
                },
                "encoding": {
                    "x": {"field": "x", "type": "quantitative"},
                    "y": {"field": "y", "type": "quantitative"},
                },
            },
            *spans_layer(values, {}, spans),
            {
                "mark": {"type": "line", "strokeWidth": 1.4},
                "encoding": {**encoding, "y": y},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1},
                "encoding": {
                    **encoding,
                    "y": y,
                    "shape": {"field": "who", "scale": scale_of(looks, "shape")},
                    "tooltip": told,
                },
            },
        ],
    }
