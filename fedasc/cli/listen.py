"""The command `fedasc listen`: what a device would make of sound, 10 s after 10 s."""

import sys
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fedasc.cli.options import RESULTS, AsJson, Quiet, ServerFolder, Verbose
from fedasc.cli.servers import server_folder
from fedasc.cli.terminal import Terminal, error_console, print_json
from fedasc.errors import SettingsError

if TYPE_CHECKING:
    from fedasc.live.sounds import Blocks

_STANDARD_INPUT = "-"


def listen(
    sounds: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Audio files; - is standard input: raw 16-bit samples, low byte first, or WAV.",
            show_default=False,
        ),
    ] = None,
    microphone: Annotated[
        bool,
        typer.Option("--microphone", help="Listen to this machine's microphone, until Ctrl-C."),
    ] = False,
    input_device: Annotated[
        str | None, typer.Option(help="Number of the microphone, or a part of its name.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="How long to listen to the microphone.", min=1)
    ] = None,
    rate: Annotated[int, typer.Option(help="Of raw samples from standard input, in Hz.")] = 16_000,
    classifier: Annotated[
        Path | None,
        typer.Option(
            help="What names the scenes: a classifier file.", show_default="what the server ships"
        ),
    ] = None,
    server: ServerFolder = None,
    out: Annotated[
        Path, typer.Option(help="File for the day's summary.", rich_help_panel=RESULTS)
    ] = Path("day.summary"),
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Tell the scene of every 10 s, how certain it is and how loud it was, and summarise the day.

    A line is when the 10 s begin and how long they are, in seconds of sound, the scene, its
    probability, and the level in dB relative to full scale. Several sounds are one day, one after
    the other; what doesn't fill 10 s at the end of one is left out. The summary is what a device
    would send at night, see fedasc personalise.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from threadpoolctl import threadpool_limits

    from fedasc.atomic import check_writable
    from fedasc.audio.level import SILENCE_DBFS
    from fedasc.cli.hearing import Told
    from fedasc.live.app import read_app
    from fedasc.live.classifier_file import read_classifier
    from fedasc.live.day import summary_of, windows_of
    from fedasc.live.summary_file import SUFFIX, write_summary

    # Bars of a job's phases would take what is printed here to where they are.
    with terminal.guarded(), threadpool_limits(1):
        if microphone == bool(sounds):
            raise SettingsError("give audio files, - for standard input, or --microphone")
        if not microphone and (input_device is not None or seconds is not None):
            raise SettingsError("--input-device and --seconds go with --microphone")
        check_writable(out, suffix=SUFFIX)
        app = read_app(server_folder(server, quiet=quiet))
        if classifier:
            app = app.given(read_classifier(classifier))
        told = Told(shows=not (quiet or as_json), meters=microphone and not quiet)
        if microphone:
            sources = iter([_microphone(input_device, seconds)])
        else:
            sources = (_sound(sound, rate) for sound in sounds or ())
        windows = windows_of(sources, app, heard=told.heard)
        summary = summary_of(told.each(windows), app)
        told.clear()
        if summary:
            write_summary(out, summary, bits=app.release.bits, server=app.server)
        elif not told.rows:
            raise SettingsError("nothing to tell of: no sound lasts 10 s")
    n_silent = sum(row["level_dbfs"] < SILENCE_DBFS for row in told.rows)
    if as_json:
        file = str(out) if summary else None
        print_json({"windows": told.rows, "n_silent": n_silent, "summary": file})
        return
    silent = f", {n_silent} of them silent" if n_silent else ""
    last = (
        f"{summary.n_bytes:,} bytes tell of {summary.n_windows} windows{silent}, in {out}"
        if summary
        else f"a single window can't be summarised, so {out} isn't written"
    )
    error_console().print(last, soft_wrap=True, markup=False)


def _sound(sound: Path, rate: int) -> "Blocks":
    from fedasc.live.sounds import of_file, of_pipe

    if str(sound) != _STANDARD_INPUT:
        return of_file(sound)
    pipe: Any = sys.stdin.buffer
    return of_pipe(pipe if isinstance(pipe, BufferedReader) else BufferedReader(pipe), rate_hz=rate)


def _microphone(device: str | None, seconds: float | None) -> "Blocks":
    from fedasc.live.microphone import of_microphone

    return of_microphone(device=device, seconds=seconds)
