"""Two banks side by side, on the terminal."""

from collections.abc import Mapping

from rich.console import Group
from rich.text import Text

from fedasc.audio.bank import FilterBank
from fedasc.report.fitted import FittedTable
from fedasc.report.terminal import percent, points

Scores = Mapping[str, float]
"""Accuracy by classifier."""


def bank_table(start: FilterBank, best: FilterBank, *, before: Scores, after: Scores) -> Group:
    """What a search brought.

    Args:
        start, best: The banks.
        before, after: What classifiers achieve with them where the search didn't look.
    """
    lines = [
        (
            *(name, _listed(bank.carrier_edges_hz), _listed(bank.modulation_edges_hz)),
            *map(percent, scores.values()),
        )
        for name, bank, scores in (("start", start, before), ("found", best, after))
    ]
    gains = ("gain", "", "", *(points(after[name] - before[name]) for name in before))
    table = FittedTable(
        title=Text("Accuracy on the evaluation part of the split, in %"),
        headings=("bank", "carriers, Hz", "modulations, Hz", *before),
        sections=[[list(map(Text, line)) for line in some] for some in (lines, [gains])],
        n_texts=3,
    )
    return Group(
        table,
        Text(
            "Found on the training part alone. One split proves little: repeat with other seeds "
            "before a bank is called better."
        ),
    )


def _listed(edges_hz: tuple[float, ...]) -> str:
    return " ".join(f"{edge:g}" for edge in edges_hz)
