"""The command `fedasc export`: classifiers for other programs than fedasc."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from fedasc.cli.options import RESULTS, AsJson, Quiet, SettingsFile, plugin_names, setting
from fedasc.cli.terminal import Terminal


def export(
    form: Annotated[
        Literal["onnx"], typer.Option("--format", help="What to write: ONNX.")
    ] = "onnx",
    classifier: Annotated[
        Path | None, typer.Option(help="A classifier file, in place of a run.")
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
    server: ServerFolder = None,
    out: Annotated[
        Path, typer.Option(help="Folder for the files; a new one.", rich_help_panel=RESULTS)
    ] = Path("export"),
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write C1 as c1.onnx and, without --classifier, a server's teacher as teacher.onnx.

    Both take features x, (n, 45) in dB as float32, and give probabilities (n, 4) and the scene (n).
    """
    from fedasc.atomic import claimed, new_folder
    from fedasc.live.classifier_file import read_classifier

    terminal = Terminal(quiet=quiet, as_json=as_json)
    with terminal.job(), claimed(out):
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
    terminal.show(
        last=f"{' and '.join(models)} in {out}",
        summary={"folder": str(out), "format": form, "files": sorted(models)},
    )
