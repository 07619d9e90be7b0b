"""The command `fedasc export`: a device's half as C code, and models for other programs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from fedasc.cli.options import (
    RESULTS,
    AsJson,
    Quiet,
    ServerFolder,
    SettingsFile,
    Verbose,
    plugin_names,
    setting,
)
from fedasc.cli.servers import server_folder
from fedasc.cli.terminal import Terminal
from fedasc.errors import SettingsError

_AGGREGATORS = plugin_names("fedasc.aggregators.aggregator:Aggregator")


def export(
    form: Annotated[
        Literal["c", "onnx"],
        typer.Option("--format", help="What to write: a device's half in C, or models as ONNX."),
    ] = "c",
    run: Annotated[
        Path | None, typer.Option(help="For C: folder of a finished run, whose settings hold.")
    ] = None,
    device: Annotated[
        int | None,
        typer.Option(
            help="Of the run: the device whose classifier it is.", show_default="what was shipped"
        ),
    ] = None,
    classifier: Annotated[
        Path | None,
        typer.Option(
            help="A classifier file: for C in place of a run; of ONNX c1.onnx is made of it.",
            show_default="what the server ships",
        ),
    ] = None,
    settings: SettingsFile = None,
    aggregator: Annotated[
        str | None,
        setting(
            default="gmm",
            text="For C: how the device summarises: stepwise-em, kmeans, moments or "
            "scene-gaussians.",
            autocompletion=_AGGREGATORS,
        ),
    ] = None,
    numbers: Annotated[
        Literal["single", "fixed"],
        typer.Option(help="Of the front end in C: single precision, or whole numbers."),
    ] = "single",
    server: ServerFolder = None,
    out: Annotated[
        Path, typer.Option(help="Folder for the files; a new one.", rich_help_panel=RESULTS)
    ] = Path("export"),
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Write a device's half as a C99 library, or C1 and a server's teacher as ONNX.

    The library is front end, C1, aggregator and release rule; with it come a program that tells the
    scenes of raw samples, a Makefile and a README. ONNX is c1.onnx and, without --classifier,
    teacher.onnx: both take features x, (n, 45) in dB as float32, and give probabilities (n, 4) and
    the scene (n).
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from fedasc.atomic import claimed

    with terminal.job(), claimed(out):
        if form == "c":
            if server:
                raise SettingsError("--server goes with --format onnx")
            from fedasc.cli.device_codes import device_code
            from fedasc.device_code.files import library_files, write_library

            code, origin = device_code(
                run=run,
                device=device,
                classifier=classifier,
                settings=settings,
                aggregator=aggregator,
                numbers=numbers,
            )
            write_library(out, code, origin=origin)
            files = sorted(library_files(code))
            last = f"The device's code is in {out}; make compiles it, see README.md there"
        else:
            if run or settings or aggregator or device is not None:
                raise SettingsError(
                    "--run, --device, --settings and --aggregator go with --format c"
                )
            files = _write_models(out, classifier, server, quiet=quiet)
            last = f"{' and '.join(files)} in {out}"
    terminal.show(last=last, summary={"folder": str(out), "format": form, "files": sorted(files)})


def _write_models(
    out: Path, classifier: Path | None, server: Path | None, *, quiet: bool
) -> list[str]:
    from fedasc.atomic import new_folder
    from fedasc.live.classifier_file import read_classifier
    from fedasc.onnx.files import embedded_model, teacher_model, write_model  # if onnx is there

    if classifier:
        content = read_classifier(classifier)
        models = {"c1.onnx": embedded_model(content.classifier, content.bank)}
    else:
        from fedasc.live.prepared import read_prepared

        prepared = read_prepared(server_folder(server, quiet=quiet))
        bank = prepared.settings.bank
        models = {
            "c1.onnx": embedded_model(prepared.server.baseline, bank),
            "teacher.onnx": teacher_model(prepared.server.teacher, bank),
        }
    with new_folder(out) as draft:
        for name, model in models.items():
            write_model(draft / name, model)
    return list(models)
