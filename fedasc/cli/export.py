"""The command `fedasc export`: a device's half as C code."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from fedasc.cli.options import RESULTS, AsJson, Quiet, SettingsFile, plugin_names
from fedasc.cli.terminal import Terminal

_AGGREGATORS = plugin_names("fedasc.aggregators.aggregator:Aggregator")


def export(
    run: Annotated[
        Path | None, typer.Option(help="Folder of a finished run, whose settings hold.")
    ] = None,
    device: Annotated[
        int | None,
        typer.Option(
            help="Of the run: the device whose classifier it is.", show_default="what was shipped"
        ),
    ] = None,
    classifier: Annotated[
        Path | None, typer.Option(help="A classifier file, in place of a run.")
    ] = None,
    settings: SettingsFile = None,
    aggregator: Annotated[
        str | None,
        typer.Option(
            help="How the device summarises, if not as the settings say: stepwise-em, kmeans, "
            "moments or scene-gaussians.",
            autocompletion=_AGGREGATORS,
        ),
    ] = None,
    numbers: Annotated[
        Literal["single", "fixed"],
        typer.Option(help="Of the front end: single precision, or whole numbers."),
    ] = "single",
    out: Annotated[
        Path, typer.Option(help="Folder for the files; a new one.", rich_help_panel=RESULTS)
    ] = Path("device"),
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write a device's half as a C99 library: front end, C1, aggregator and release rule.

    With it come a program that tells the scenes of raw samples, a Makefile and a README.
    """
    from fedasc.atomic import claimed
    from fedasc.cli.device_codes import device_code
    from fedasc.device_code.files import write_library

    terminal = Terminal(quiet=quiet, as_json=as_json)
    with terminal.job(), claimed(out):
        code, origin = device_code(
            run=run,
            device=device,
            classifier=classifier,
            settings=settings,
            aggregator=aggregator,
            numbers=numbers,
        )
        write_library(out, code, origin=origin)
    terminal.show(
        last=f"The device's code is in {out}; make compiles it, and README.md says how to use it",
        summary={"folder": str(out), "numbers": numbers, "aggregator": code.aggregator.name},
    )
