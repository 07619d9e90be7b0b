"""The command `fedasc run`: simulate nights of many hearing aids."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from click.core import ParameterSource

from fedasc.cli.options import (
    COMPUTING,
    N_WORKERS,
    RESULTS,
    AsJson,
    Attackers,
    Attacking,
    Audio,
    Clients,
    Corpus,
    Details,
    Groups,
    Labels,
    MeasuredToo,
    OutFolder,
    Probes,
    Profiles,
    Quiet,
    Seed,
    SettingsFile,
    Track,
    Verbose,
    Why,
    Workers,
    plugin_names,
    setting,
)
from fedasc.cli.terminal import Terminal
from fedasc.errors import SettingsError
from fedasc.execution import ALL_CPUS, PER_COHORT, Execution
from fedasc.losses import QUORUM

_AGGREGATORS = plugin_names("fedasc.aggregators.aggregator:Aggregator")
_TEACHERS = plugin_names("fedasc.models.teacher:TeacherSettings")
_STRATEGIES = plugin_names("fedasc.strategies.strategy:Strategy")
_WITH_RESUME = (
    *("resume", "folders", "corpus", "label", "group", "track"),
    *("quiet", "verbose", "as_json"),
    *("engine", "workers", "ray_address", "device", "devices_per_node"),
    *("timeout", "quorum"),
)
"""What may stand beside --resume: where recordings are now, who computes, and what is shown."""


def run(
    context: typer.Context,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of recordings, or manifests; the same as --corpus."),
    ] = None,
    clients: Clients = None,
    corpus: Corpus = None,
    label: Labels = None,
    group: Groups = "",
    profiles: Profiles = None,
    users: Annotated[
        Path | None,
        typer.Option(help="File of users (CSV), in place of --clients; see fedasc users."),
    ] = None,
    settings: SettingsFile = None,
    seed: Seed = None,
    teacher: Annotated[
        str | None,
        setting(
            default="committee",
            text="What labels: committee, ensemble, deep_sets, mobilenet (C2), module:Class or "
            "file.py:Class.",
            autocompletion=_TEACHERS,
        ),
    ] = None,
    teacher_file: Annotated[Path | None, typer.Option(help="A teacher trained before.")] = None,
    aggregator: Annotated[
        str | None,
        setting(
            default="gmm",
            text="How devices summarise: a name, module:Class or file.py:Class; see "
            "docs/reference/plug-ins.md.",
            autocompletion=_AGGREGATORS,
        ),
    ] = None,
    strategy: Annotated[
        str | None,
        setting(
            default="personalised",
            text="How the server makes classifiers, likewise.",
            autocompletion=_STRATEGIES,
        ),
    ] = None,
    components: Annotated[
        int | None, setting(default=32, text="Components of each mixture, N.")
    ] = None,
    questions: Annotated[
        int | None,
        setting(default=10, text="Moments that strategy answered asks each user about."),
    ] = None,
    nights: Annotated[int | None, setting(default=1, text="Nights, one after the other.")] = None,
    drift: Annotated[
        float | None,
        setting(default=0.0, text="How much users' worlds change every night, from 0 to 1."),
    ] = None,
    dropout: Annotated[
        float | None, setting(default=0.0, text="Probability that a device misses a night.")
    ] = None,
    straggle: Annotated[
        float | None, setting(default=0.0, text="Probability that a summary comes too late.")
    ] = None,
    join: Annotated[
        float | None, setting(default=0.0, text="Share of users who come later.")
    ] = None,
    leave: Annotated[
        float | None, setting(default=0.0, text="Share of users who leave for good.")
    ] = None,
    attack: Attacking = None,
    attackers: Attackers = None,
    device_code: Annotated[
        Literal["python", "c", "c-fixed"],
        typer.Option(
            help="What devices run: Python, or the C of fedasc export, in single precision or in "
            "whole numbers; the same run in Python, in its folder python, tells what that changes.",
        ),
    ] = "python",
    engine: Annotated[
        Literal["ray", "local"],
        typer.Option(
            help="Processes side by side, or everything in one.", rich_help_panel=COMPUTING
        ),
    ] = "ray",
    workers: Workers = N_WORKERS,
    ray_address: Annotated[
        str | None,
        typer.Option(
            help="A running Ray cluster to work on, in place of --workers.",
            rich_help_panel=COMPUTING,
        ),
    ] = None,
    device: Annotated[
        str,
        typer.Option(
            help="Where the server labels and trains: cpu, or cuda for a GPU.",
            rich_help_panel=COMPUTING,
        ),
    ] = "cpu",
    devices_per_node: Annotated[
        int | None,
        typer.Option(
            help="Devices that one message speaks for.",
            show_default="few messages",
            min=1,
            rich_help_panel=COMPUTING,
        ),
    ] = None,
    cohort: Annotated[
        int,
        typer.Option(
            help="Devices that a night goes through at a time; memory grows with these alone.",
            min=1,
            rich_help_panel=COMPUTING,
        ),
    ] = PER_COHORT,
    timeout: Annotated[
        float,
        typer.Option(
            help="Seconds for a phase of a night; who is silent for a quarter of it is lost.",
            rich_help_panel=COMPUTING,
        ),
    ] = ALL_CPUS.timeout_s,
    quorum: Annotated[
        float,
        typer.Option(
            help="Share of a night's devices that must not be lost.", rich_help_panel=COMPUTING
        ),
    ] = QUORUM,
    probe: Probes = None,
    why: Why = True,
    details: Details = None,
    audio: Audio = None,
    measured: MeasuredToo = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a corpus with unusable recordings.")
    ] = False,
    out: OutFolder = None,
    track: Track = "",
    resume: Annotated[
        Path | None,
        typer.Option(
            help="Go on with the interrupted run in this folder, after its last finished night.",
            rich_help_panel=RESULTS,
        ),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Simulate one night of many hearing aids, or several.

    Each listens for a day, sends a mixture of Gaussians that describes what it heard, gets back
    a classifier of its own, and is evaluated before and after.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from dataclasses import replace

    from fedasc.api import asked_corpora, corpora_of, profiles_of
    from fedasc.atomic import dated
    from fedasc.cli.invocation import command_line
    from fedasc.cli.overrides import check_attackers, with_options, with_probes
    from fedasc.corpus.builders.naming import Naming
    from fedasc.corpus.folder import FolderCorpus
    from fedasc.report.device_cost import cost_columns, cost_table
    from fedasc.report.languages import changes, changes_line
    from fedasc.runs import run as runs
    from fedasc.runs.inputs import Inputs
    from fedasc.runs.settings_file import Asked, read_settings
    from fedasc.settings import settings_of
    from fedasc.trackers.tracking import trackers_of

    with terminal.job() as phases:
        places = [*(folders or ()), *(corpus or ())]
        naming = Naming(tuple(label or ()), group)
        execution = Execution(
            engine=engine,
            n_workers=workers,
            address=ray_address,
            per_node=devices_per_node,
            per_cohort=cohort,
            torch_device=device,
            timeout_s=timeout,
            quorum=quorum,
        )
        trackers = trackers_of(track)
        command = command_line()
        changed, costs = None, None
        if resume:
            _check_resumable(context)
            result = runs.resume(
                resume,
                corpora=corpora_of(places, naming) if places else None,
                execution=execution,
                track=trackers,
                progress=phases,
                seconds=lambda: phases.seconds,
                command=command,
            )
        else:
            file = read_settings(settings) if settings else Asked()
            users = users or file.roster
            if users and clients is not None:
                raise SettingsError(
                    "give --clients or --users, not both; a file names all its users"
                )
            if users and drift is not None:
                raise SettingsError(
                    "--drift is for drawn users; a file says it in its column drift"
                )
            options = {
                "n_clients": clients,
                "seed": seed,
                "teacher": {"name": teacher},
                "users": {"drift": drift},
                "nights": {
                    "n_nights": nights,
                    "dropout": dropout,
                    "straggle": straggle,
                    "join": join,
                    "leave": leave,
                },
                "aggregator": {"name": aggregator, "n_components": components},
                "strategy": {"name": strategy, "n_questions": questions},
                "attack": {"name": attack, "share": attackers},
            }
            corpora = asked_corpora(file, places, naming)
            for one in corpora:
                if isinstance(one, FolderCorpus):
                    terminal.tell(one.in_words())
            who = profiles_of(profiles or file.profiles, corpora)
            content = with_options(file.settings, options)
            asked = settings_of(content, where=str(settings or "settings"), profiles=who)
            check_attackers(attackers, asked.attack)
            if measured:
                costs = {"aggregator": asked.aggregator.name, **cost_columns(asked)}
            inputs = Inputs(
                settings=with_probes(asked, probe, why=why),
                corpora=corpora,
                profiles=who,
                roster=users,
                strict=strict or file.strict,
                teacher_file=teacher_file or file.teacher_file,
                language=device_code if device_code != "python" else file.device_code,
                details=file.details if details is None else details,
                audio=file.audio if audio is None else audio,
            )
            result = runs.run(
                inputs,
                folder=out or dated("runs"),
                execution=execution,
                track=trackers,
                progress=phases,
                seconds=lambda: phases.seconds,
                command=command,
            )
            if inputs.language != "python":
                reference = runs.run(
                    replace(inputs, language="python", audio=False),
                    folder=result.folder / "python",
                    execution=execution,
                    progress=phases,
                )
                changed = changes(result.records, reference.records)
    # It brings Matplotlib along, which takes a while, and in a run somebody else has waited for it.
    from fedasc.report.table import account_lines, corpus_lines, result_table, student_lines

    terminal.show(
        corpus_lines(result.corpus),
        result_table(result.overview, phases.seconds),
        *([student_lines(student)] if (student := result.summary.get("student")) else []),
        *filter(None, [account_lines(result.summary.get("epsilon", {}))]),
        *([cost_table([costs])] if costs else []),
        *([changes_line(changed)] if changed else []),
        last=f"Everything in {result.folder}",
        summary={
            "folder": str(result.folder),
            **result.summary,
            **({"cost": costs} if costs else {}),
            **({"device_code": changed} if changed else {}),
        },
    )


def _check_resumable(context: typer.Context) -> None:
    """Refuse, beside --resume, whatever would change results.

    Raises:
        SettingsError: Naming what was given.
    """
    given = [
        option.opts[0]
        for option in context.command.params
        if option.name not in _WITH_RESUME
        and context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
    ]
    if given:
        raise SettingsError(
            f"--resume goes on with what the run was asked for; leave out {', '.join(given)}"
        )
