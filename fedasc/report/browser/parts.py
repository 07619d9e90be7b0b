"""Parts of a page as JSON: texts, tables, charts, confusion matrices and lists of facts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from fedasc.evaluation.scores import Confusion

Part = Mapping[str, Any]
"""What assets/page.js shows; see its `SHOWN`."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table.

    Args:
        head: What stands above it.
        of: What stands in it, of a thing.
        kind: share and points are given from 0 to 1 and shown in %; gain and mean are a difference
            and a share with both ends of its interval, likewise; number and count are shown as they
            are, and so is plain, with its interval.
        digits: After the point.
        note: What it means, where the head doesn't say it.
    """

    head: str
    of: Callable[[Any], Any]
    kind: Literal["text", "share", "points", "gain", "mean", "number", "count", "plain"] = "text"
    digits: int = 1
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something that a reader of a chart chooses.

    Args:
        name: In the chart's specification @NAME stands for what was chosen, and @NAME.title for
            its words.
        label: What is chosen.
        options: Words by field.
    """

    name: str
    label: str
    options: Mapping[str, str]

    def as_json(self) -> Part:
        return {"name": self.name, "label": self.label, "options": [*self.options.items()]}


def section(name: str, title: str, *parts: Part) -> Part:
    """What stands together.

    Args:
        name: By which links find it.
    """
    return {"name": name, "title": title, "parts": parts}


def text(words: str) -> Part:
    """A paragraph."""
    return {"kind": "text", "text": words}


def code(line: str) -> Part:
    """What was typed."""
    return {"kind": "code", "text": line}


def table(
    things: Iterable[T],
    columns: Sequence[Column],
    *,
    caption: str,
    note: str = "",
    is_sum: Callable[[T], bool] = lambda thing: False,
) -> Part:
    """A line for each thing, to be sorted by any column.

    Args:
        caption: What it is about.
        note: Below it.
        is_sum: Lines that stay at the end however it is sorted.
    """
    things = list(things)
    return {
        "kind": "table",
        "caption": caption,
        "note": note,
        "columns": [
            {"head": one.head, "kind": one.kind, "digits": one.digits, "note": one.note}
            for one in columns
        ],
        "rows": [[cell(column.of(thing)) for column in columns] for thing in things],
        "sums": [number for number, thing in enumerate(things) if is_sum(thing)],
    }


def cell(value: Any) -> Any:
    """What JSON has for a value: a word for what is infinite, of which it has none."""
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    return value


def chart(
    spec: Part,
    *,
    caption: str,
    description: str,
    note: str = "",
    choices: Sequence[Choice] = (),
) -> Part:
    """An interactive plot.

    Args:
        spec: Of Vega-Lite, without what all have in common.
        description: What is in it, for who doesn't see it.
        note: What bars and whiskers are.
        choices: Of its reader.
    """
    return {
        "kind": "chart",
        "spec": spec,
        "caption": caption,
        "description": description,
        "note": note,
        "choices": [choice.as_json() for choice in choices],
    }


def figures(rows: Sequence[tuple[str, str, str]]) -> Part:
    """What matters most: names, values and what these are."""
    return {"kind": "figures", "rows": rows}


def files(there: Mapping[str, str]) -> Part:
    """What stands beside the page, with what it is."""
    return {"kind": "files", "rows": [*there.items()]}


def matrices(confusions: Mapping[str, Confusion], *, note: str = "") -> Part:
    """Confusion matrices side by side, by the name of each."""
    items = [{"name": name, "counts": one.counts.tolist()} for name, one in confusions.items()]
    return {"kind": "matrices", "items": items, "note": note}


def facts(caption: str, told: Mapping[str, Any], *, is_open: bool = True) -> Part:
    """Names with what they are.

    Args:
        is_open: Whether it is shown at once.
    """
    return {"kind": "facts", "caption": caption, "open": is_open, "rows": [*flat(told)]}


def flat(told: Mapping[str, Any], where: str = "") -> Iterable[tuple[str, str]]:
    """Names of what is nested, as in `strategy.certainty`, with values in words."""
    for name, value in told.items():
        place = f"{where}.{name}" if where else str(name)
        if isinstance(value, Mapping) and value:
            yield from flat(value, place)
        else:
            yield place, in_words(value)


def in_words(value: Any) -> str:
    """A value of a setting."""
    match value:
        case None | float() if value is None or value != value:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case list() | tuple() | set() | frozenset():
            return ", ".join(map(in_words, value)) or "–"
        case Mapping():
            return ", ".join(f"{name}: {in_words(one)}" for name, one in value.items()) or "–"
    return str(value) or "–"
