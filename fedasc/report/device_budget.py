"""What cores take for a device's day, on the terminal and as rows."""

from collections.abc import Sequence
from functools import partial

from rich.console import Group
from rich.text import Text

from fedasc.aggregators.aggregator import Budget
from fedasc.device_code.measurement import Measured
from fedasc.report.rows import Row
from fedasc.report.terminal import table_of

_LINES = {
    "numbers": "numbers",
    "front end": "front_end_per_s",
    "C1": "classifier_per_s",
    "aggregator": "aggregator_per_s",
    "together": "instructions_per_s",
    "summary at night": "summary_instructions",
    "flash": "flash_bytes",
    "memory": "memory_bytes",
    "memory declared": "declared_memory_bytes",
    "bytes up": "up_bytes",
    "bytes down": "down_bytes",
    "share of the core": "core_share",
    "J a day": "energy_j_per_day",
}
"""Of the table, which has a column for each core."""


def budget_rows(
    measured: Sequence[Measured], declared: Budget, *, clock_hz: float, nj_per_instruction: float
) -> list[Row]:
    """A row for each core.

    Args:
        declared: What the whole device is said to take.
        clock_hz: Of the cores.
        nj_per_instruction: Nanojoules that one takes.
    """
    return [
        {
            "core": each.core.title,
            "numbers": each.core.numbers,
            **{f"{part}_per_s": round(n) for part, n in each.instructions.items()},
            "instructions_per_s": round(each.per_second),
            "summary_instructions": each.summary_instructions,
            "update_instructions": each.update_instructions,
            "flash_bytes": each.flash_bytes,
            "static_bytes": each.static_bytes,
            "stack_bytes": each.stack_bytes,
            "memory_bytes": each.memory_bytes,
            "declared_memory_bytes": declared.memory_bytes,
            "up_bytes": each.up_bytes,
            "down_bytes": each.down_bytes,
            "core_share": each.share(clock_hz),
            "energy_j_per_day": each.energy_j(nj_per_instruction),
        }
        for each in measured
    ]


def budget_table(rows: Sequence[Row], *, clock_hz: float, nj_per_instruction: float) -> Group:
    """The same for people.

    Args:
        rows: See `budget_rows`.
        clock_hz, nj_per_instruction: Likewise.
    """
    table = table_of(
        _LINES.items(),
        {
            "": lambda line: Text(line[0]),
            **{row["core"]: partial(_cell, row) for row in rows},
        },
        title="Instructions per second of sound, and at night; bytes",
    )
    return Group(
        table,
        Text(
            f"Shares are those of a core at {clock_hz / 1e6:g} MHz that takes a cycle for each "
            f"instruction, and energy is {nj_per_instruction:g} nJ for each. Memory is all of it, "
            "with the stack; flash holds code, tables and the classifier that is shipped."
        ),
    )


def _cell(row: Row, line: tuple[str, str]) -> str:
    value = row[line[1]]
    if line[1] == "core_share":
        return f"{100 * value:.2f} %"
    if isinstance(value, float):
        return f"{value:.2f}"
    return value if isinstance(value, str) else f"{value:,}"
