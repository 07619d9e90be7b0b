"""Options that several commands share, each declared once.

Settings that aren't given are None, since a file may say them; what is shown as their default holds
if nobody says anything.
"""

import tomllib
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from fedasc.cpus import usable_cpus

N_WORKERS = usable_cpus()
"""Processes if nobody says how many."""
DEFAULT_SEED = 1
"""Where no settings say another."""
COMPUTING = "Computing"
"""Heading of options that change no result."""
RESULTS = "Results"
"""Heading of options about what is found out and shown."""


def setting(*names: str, default: Any, text: str, **more: Any) -> Any:
    """An option in place of what a settings file says.

    Args:
        names: Such as --clients; made of the parameter's name if there are none.
        default: What the setting is if neither says it.
        text: What it is about.
    """
    return typer.Option(*names, help=text, show_default=str(default), **more)


def plugin_names(place: str) -> Callable[[str], list[str]]:
    """Names of the plug-ins of a family, for the shell to complete.

    Args:
        place: Of the family's root, as module:Class.
    """

    def names(incomplete: str) -> list[str]:
        from importlib import import_module

        module, _, root = place.partition(":")
        known = getattr(import_module(module), root).family.names()
        return [name for name in known if name.startswith(incomplete)]

    return names


def tracker_names(incomplete: str) -> list[str]:
    """Names of trackers after those that stand there, for the shell to complete."""
    before, comma, begun = incomplete.rpartition(",")
    names = plugin_names("fedasc.trackers.tracker:Tracker")(begun)
    return [f"{before}{comma}{name}" for name in names if name not in before.split(",")]


def preset_names(section: str) -> Callable[[str], list[str]]:
    """Names of the presets that come along and have a section, for the shell to complete."""

    def names(incomplete: str) -> list[str]:
        return sorted(
            name
            for name, text in _shipped("fedasc.presets")
            if name.startswith(incomplete) and section in tomllib.loads(text)
        )

    return names


def profile_names(incomplete: str) -> list[str]:
    """Names of the profiles that come along, for the shell to complete."""
    from fedasc.population.profile import NAMES

    return [name for name in NAMES if name.startswith(incomplete)]


def _shipped(package: str) -> Iterator[tuple[str, str]]:
    """Name and text of each TOML file of a package."""
    for file in files(package).iterdir():
        if file.name.endswith(".toml"):
            yield file.name.removesuffix(".toml"), file.read_text(encoding="utf-8")


Corpus = Annotated[
    list[Path] | None,
    setting(
        default="an embedded corpus",
        text="Folder of recordings, or a manifest (CSV) of them; may be given more than once: they "
        "are one pool.",
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        help="What a folder holds whose name says neither noise, music nor speech, such as "
        "traffic=noise; may be given more than once.",
    ),
]
Groups = Annotated[
    str,
    typer.Option(
        "--group",
        help="What in a file's path tells of which recording it is, the same for all of one "
        "original or speaker: a regular expression with one group in brackets.",
        show_default="the folder below a type's",
    ),
]
Also = Annotated[
    list[Path] | None,
    typer.Option(
        help="Another corpus, on which all is done by itself, side by side with "
        "--corpus; may be given more than once.",
    ),
]
Profiles = Annotated[
    str | None,
    setting(
        default="wide or auto",
        text="Who the users are: a TOML file, or wide, auto (for any recordings), own (a few "
        "recordings each), dirichlet.",
        autocompletion=profile_names,
    ),
]
OwnProfiles = Annotated[
    str,
    typer.Option(
        "--profiles",
        help="Who the users are: a TOML file, or own (a few recordings each), wide, auto, "
        "dirichlet.",
        autocompletion=profile_names,
    ),
]
Clients = Annotated[int | None, setting(default=50, text="Users, each with one hearing aid.")]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="Any other setting (TOML); see docs/reference/settings.md."),
]
Seed = Annotated[
    int | None,
    setting(
        default=DEFAULT_SEED,
        text="The same seed gives the same numbers. Of the first repetition, if there are several.",
    ),
]
Repetitions = Annotated[
    int | None, setting(default=10, text="Splits of the corpus, each with the next seed.")
]
Workers = Annotated[
    int,
    typer.Option(
        help="Processes.", show_default="all CPUs that it may use", min=1, rich_help_panel=COMPUTING
    ),
]
Attacking = Annotated[
    Literal["none", "far", "flip", "scale", "sybil"] | None,
    setting(
        "--attack",
        default="none",
        text="What some devices send to harm the others: what is far away, the opposite, twenty "
        "times as much, or all the same.",
    ),
]
Attackers = Annotated[
    float | None, setting(default=0.05, text="Share of users whose devices attack; one at least.")
]
ServerFolder = Annotated[
    Path | None,
    setting(
        "--server",
        default="that of the embedded corpus",
        text="Folder that fedasc server wrote.",
    ),
]
OutFolder = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Folder for the results.",
        show_default="a new one in runs",
        rich_help_panel=RESULTS,
    ),
]
Probes = Annotated[
    list[str] | None,
    typer.Option(
        "--probe",
        help="What else to find out of every device: a name, module:Class or file.py:Class; may be "
        "given more than once.",
        autocompletion=plugin_names("fedasc.probes.probe:Probe"),
        rich_help_panel=RESULTS,
    ),
]
Why = Annotated[
    bool,
    typer.Option(
        help="Tell of each device why its night helped or not; takes a while.",
        rich_help_panel=RESULTS,
    ),
]
Details = Annotated[
    bool | None,
    typer.Option(
        "--details/--no-details",
        help="Keep what devices sent, and what every window of the last night was taken for: 12 kB "
        "and more for each device and night.",
        show_default="details",
        rich_help_panel=RESULTS,
    ),
]
Audio = Annotated[
    bool | None,
    typer.Option(
        "--audio/--no-audio",
        help="Put windows to listen to into the report, which need --details.",
        show_default="audio",
        rich_help_panel=RESULTS,
    ),
]
MeasuredToo = Annotated[
    bool,
    typer.Option(
        "--measured",
        help="Tell beside what a device is declared to take what its C code takes of an emulated "
        "Cortex-M4F, measured once and kept; needs fedasc[device].",
        rich_help_panel=RESULTS,
    ),
]
Track = Annotated[
    str,
    typer.Option(
        "--track",
        help="Trackers that are told of every night, separated by commas: tensorboard, mlflow, "
        "wandb, trackio, module:Class or file.py:Class. They write to the folder tracking in that "
        "of the run, or to another one, as in mlflow=FOLDER; nothing is sent anywhere.",
        autocompletion=tracker_names,
        rich_help_panel=RESULTS,
        show_default=False,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Tell nothing but errors, and at last where the results are.",
        rich_help_panel=RESULTS,
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        help="Tell more on the way, and of an error where in the code it comes from.",
        rich_help_panel=RESULTS,
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the results as JSON.", rich_help_panel=RESULTS)
]
