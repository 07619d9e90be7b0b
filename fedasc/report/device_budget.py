"""What cores take for a device's day, on the terminal and as rows."""

from collections.abc import Sequence

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from fedasc.aggregators.aggregator import Budget
from fedasc.device_code.measurement import Measured
from fedasc.report.rows import Row


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
    table = Table(
        *("core", "numbers", "front end", "C1", "aggregator", "summary", "flash", "memory"),
        *("declared", "up", "down", "share", "J a day"),
        title="Instructions per second of sound, and for the summary of a day; bytes",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for column in table.columns[2:]:
        column.justify = "right"
    for row in rows:
        table.add_row(
            row["core"],
            row["numbers"],
            *(f"{row[f'{part}_per_s']:,}" for part in ("front_end", "classifier", "aggregator")),
            f"{row['summary_instructions']:,}",
            *(f"{row[name]:,}" for name in ("flash_bytes", "memory_bytes")),
            *(f"{row[name]:,}" for name in ("declared_memory_bytes", "up_bytes", "down_bytes")),
            f"{100 * row['core_share']:.2f} %",
            f"{row['energy_j_per_day']:.2f}",
        )
    return Group(
        table,
        Text(
            f"Shares are those of a core at {clock_hz / 1e6:g} MHz that takes a cycle for each "
            f"instruction, and energy is {nj_per_instruction:g} nJ for each. Memory is all of it, "
            "with the stack; flash holds code, tables and the classifier that is shipped."
        ),
    )
