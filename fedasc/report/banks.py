"""Two banks side by side, on the terminal."""

from collections.abc import Mapping

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from fedasc.audio.bank import FilterBank

Scores = Mapping[str, float]
"""Accuracy by classifier."""


def bank_table(start: FilterBank, best: FilterBank, *, before: Scores, after: Scores) -> Group:
    """What a search brought.

    Args:
        start, best: The banks.
        before, after: What classifiers achieve with them where the search didn't look.
    """
    table = Table(
        "bank",
        "carriers, Hz",
        "modulations, Hz",
        *before,
        title="Accuracy on the evaluation part of the split, in %",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for column in table.columns[3:]:
        column.justify = "right"
    for name, bank, scores in (("start", start, before), ("found", best, after)):
        edges = (_listed(bank.carrier_edges_hz), _listed(bank.modulation_edges_hz))
        table.add_row(name, *edges, *(f"{100 * score:.1f}" for score in scores.values()))
    table.add_section()
    gains = (f"{100 * (after[name] - before[name]):+.1f}" for name in before)
    table.add_row("gain", "", "", *gains)
    return Group(
        table,
        Text(
            "Found on the training part alone. One split proves little: repeat with other seeds "
            "before a bank is called better."
        ),
    )


def _listed(edges_hz: tuple[float, ...]) -> str:
    return " ".join(f"{edge:g}" for edge in edges_hz)
