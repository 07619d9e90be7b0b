"""The command `fedasc budget`: what a device's half takes of small cores."""

from pathlib import Path
from typing import Annotated

import typer

from fedasc.cli.options import (
    RESULTS,
    AsJson,
    Quiet,
    SettingsFile,
    Verbose,
    plugin_names,
    setting,
)
from fedasc.cli.terminal import Terminal
from fedasc.errors import SettingsError

_AGGREGATORS = plugin_names("fedasc.aggregators.aggregator:Aggregator")
_CORES = ("m0", "m3", "m4f", "m7", "m33")
_CLOCK_MHZ = 64.0
_NJ = 0.174


def budget(
    core: Annotated[
        list[str] | None,
        typer.Option(
            help=f"A core: {', '.join(_CORES)}; may be given more than once.",
            show_default="all of them",
            autocompletion=lambda: list(_CORES),
        ),
    ] = None,
    settings: SettingsFile = None,
    aggregator: Annotated[
        str | None,
        setting(
            default="gmm",
            text="How the device summarises: stepwise-em, kmeans, moments or scene-gaussians.",
            autocompletion=_AGGREGATORS,
        ),
    ] = None,
    hours: Annotated[float, typer.Option(help="Of sound that a day has.", min=0.1)] = 16.0,
    clock_mhz: Annotated[float, typer.Option(help="Of the core.", min=0.001)] = _CLOCK_MHZ,
    nj_per_instruction: Annotated[
        float,
        typer.Option(
            help="Nanojoules. The default is that of an nRF52832 (Cortex-M4F), if each takes a "
            "cycle: 58 µA/MHz at 3 V, from flash (Nordic Semiconductor, product specification).",
            min=0,
        ),
    ] = _NJ,
    out: Annotated[
        Path | None, typer.Option(help="Table to write (CSV).", rich_help_panel=RESULTS)
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Measure the exported C code on emulated cores: instructions, flash, memory, stack, energy.

    Cores without a floating-point unit get the front end in whole numbers. Instructions aren't
    cycles: some take several, and cores wait for their flash.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from fedasc.atomic import check_writable
    from fedasc.cli.overrides import with_options
    from fedasc.device_code.cores import CORES
    from fedasc.device_code.declared import declared
    from fedasc.device_code.kept import measured_once
    from fedasc.report.device_budget import budget_rows, budget_table
    from fedasc.report.device_cost import code_of
    from fedasc.report.rows import write_rows
    from fedasc.runs.settings_file import read_settings
    from fedasc.settings import settings_of

    with terminal.job() as phases:
        if out:
            check_writable(out, suffix=".csv")
        names, n_windows = core or list(_CORES), round(360 * hours)
        if unknown := [name for name in names if name not in CORES]:
            raise SettingsError(f"--core {unknown[0]}: known are {', '.join(_CORES)}")
        content = with_options(
            read_settings(settings).settings if settings else {},
            {"aggregator": {"name": aggregator}},
        )
        asked = settings_of(content, where=str(settings or "settings"))
        measured = []
        for done, name in enumerate(names):
            phases("measuring", done, len(names))
            code = code_of(asked, name)
            measured.append(measured_once(code, CORES[name], n_windows=n_windows))
        phases("measuring", len(names), len(names))
        told = declared(asked.aggregator, asked.release, asked.bank, n_windows)
        how = {"clock_hz": 1e6 * clock_mhz, "nj_per_instruction": nj_per_instruction}
        rows = budget_rows(measured, told, **how)
        if out:
            write_rows(out, rows)
    terminal.show(
        budget_table(rows, **how),
        last=f"The table is in {out}" if out else "",
        summary={"n_windows": n_windows, **how, "cores": rows},
    )
