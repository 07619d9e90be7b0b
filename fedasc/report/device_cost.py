"""What a device takes by its settings: as declared, and of its C code as measured."""

from collections.abc import Sequence

from fedasc.device_code.cores import CORES
from fedasc.device_code.declared import declared
from fedasc.device_code.design import DeviceCode
from fedasc.device_code.kept import measured_once
from fedasc.errors import SettingsError
from fedasc.models.embedded import initial
from fedasc.report.fitted import FittedTable
from fedasc.report.rows import Row
from fedasc.report.terminal import NOT_KNOWN, Cell, table_of, text
from fedasc.seeds import Purpose, Streams
from fedasc.settings import Settings

_CORE = CORES["m4f"]


def code_of(settings: Settings, core: str) -> DeviceCode:
    """The C code of a device with these settings for a core of `CORES`.

    Raises:
        SettingsError: If there is none.
    """
    rng = Streams(0).generator(Purpose.EMBEDDED_TRAINING)
    return DeviceCode(
        bank=settings.bank,
        aggregator=settings.aggregator,
        release=settings.release,
        classifier=initial(rng, settings.embedded.inputs),  # what it says takes no time
        numbers=CORES[core].numbers,
    )


def cost_columns(settings: Settings) -> Row:
    """What a whole device takes for a day, front end and C1 included.

    device_bytes, device_memory_bytes and device_macs are declared: of a day, and as most. Measured
    on an emulated Cortex-M4F are measured_instructions_per_s (of sound), measured_memory_bytes
    (with the stack) and measured_flash_bytes; None where there is no C code of the settings, as
    where devices train.

    Raises:
        SettingsError: If the extra `device` isn't installed.
    """
    n_windows = settings.listening.n_heard
    whole = declared(settings.aggregator, settings.release, settings.bank, n_windows)
    own = settings.release.budget(settings.aggregator.budget(n_windows))
    training = settings.strategy.device_training()
    more_bytes, more_macs = 0, 0
    if training:  # after the day, in the aggregator's place
        more_bytes = max(0, training.memory_bytes(n_windows) - own.memory_bytes)
        more_macs = training.n_macs(n_windows)
    measured = None
    if not training and (code := _code_if_any(settings)):
        measured = measured_once(code, _CORE, n_windows=n_windows)
    return {
        "device_bytes": whole.n_bytes,
        "device_memory_bytes": whole.memory_bytes + more_bytes,
        "device_macs": whole.n_macs + more_macs,
        "measured_instructions_per_s": round(measured.per_second) if measured else None,
        "measured_memory_bytes": measured.memory_bytes if measured else None,
        "measured_flash_bytes": measured.flash_bytes if measured else None,
    }


def cost_table(rows: Sequence[Row]) -> FittedTable:
    """The same for people.

    Args:
        rows: With a column aggregator, and those of `cost_columns`.
    """
    shown = {
        "aggregator": "aggregator",
        "bytes": "device_bytes",
        "memory": "device_memory_bytes",
        "MACs": "device_macs",
        "M4F/s": "measured_instructions_per_s",
        "memory on it": "measured_memory_bytes",
        "flash": "measured_flash_bytes",
    }
    different = {tuple(row[column] for column in shown.values()): row for row in rows}
    columns = {
        heading: text(column) if heading == "aggregator" else _size(column)
        for heading, column in shown.items()
    }
    return table_of(
        different.values(),
        columns,
        title="A device's day, front end and C1 included: declared at most, and measured of C code "
        f"on an emulated {_CORE.title} (instructions per second of sound, bytes; "
        f"{NOT_KNOWN}: not in C)",
    )


def _size(column: str) -> Cell:
    return lambda row: NOT_KNOWN if row[column] is None else f"{row[column]:,}"


def _code_if_any(settings: Settings) -> DeviceCode | None:
    try:
        return code_of(settings, "m4f")
    except SettingsError:
        return None
