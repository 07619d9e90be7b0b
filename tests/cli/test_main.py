"""The command `fedasc` as a whole: its commands, their help, and what they cost to ask for."""

import inspect
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Annotated, get_type_hints

import click
import pytest
import typer
from typer.models import ParameterInfo
from typer.testing import CliRunner

from fedasc.attacks.attack import Attack
from fedasc.bank_search.settings import SearchSettings
from fedasc.cli.main import app
from fedasc.cli.options import plugin_names, preset_names, tracker_names
from fedasc.cli.terminal import script
from fedasc.experiments.conditions import AXES, WhenPlan, word
from fedasc.experiments.preset import Plan
from fedasc.settings import Settings

COMMANDS = (
    "run",
    "compare",
    "when",
    "privacy",
    "paper",
    "choose",
    "bank",
    "users",
    "budget",
    "listen",
    "server",
    "personalise",
    "evaluate",
    "export",
    "corpus",
    "cache",
    "plugin",
)
HEAVY = "torch flwr ray numba sklearn scipy matplotlib numpy pandas rich"
ASKED = f"""
import sys
from fedasc.cli.main import app
try:
    app(sys.argv[1:])
except SystemExit as end:
    assert not end.code
print("loaded:", *sys.modules.keys() & set("{HEAVY}".split()))
"""


def commands() -> Iterator[tuple[str, click.Command]]:
    """All of them, with the words that they are called by."""
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group)
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from ((f"{name} {part}", its) for part, its in command.commands.items())
        else:
            yield name, command


def options() -> Iterator[tuple[str, click.Option]]:
    for name, command in commands():
        for option in command.params:
            if isinstance(option, click.Option):
                yield name, option


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def help_of(words: str) -> str:
    result = CliRunner().invoke(app, [*words.split(), "--help"], terminal_width=500)
    assert result.exit_code == 0
    return in_one_line(result.stdout)


def test_the_wheel_brings_every_command() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group)
    assert tuple(group.commands) == COMMANDS


@pytest.mark.parametrize("words", ["", *COMMANDS, "corpus check"])
def test_help_comes_without_any_library_that_takes_a_while(words: str) -> None:
    line = [sys.executable, "-c", ASKED, *words.split(), "--help"]
    told = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    assert "Usage:" in told
    assert told.splitlines()[-1] == "loaded:"


@pytest.mark.parametrize("words", [words for words, _ in commands()])
def test_help_says_all_that_a_command_its_options_and_arguments_say(words: str) -> None:
    """To the letter: brackets, for example, might be taken for a style."""
    told = help_of(words)
    command = dict(commands())[words]
    assert in_one_line(command.help or "missing") in told
    hints = get_type_hints(inspect.unwrap(command.callback or str), include_extras=True)
    for parameter in command.params:
        (info,) = (
            one
            for one in getattr(hints[parameter.name or ""], "__metadata__", ())
            if isinstance(one, ParameterInfo)
        )
        assert in_one_line(info.help or "missing") in told
        shown = getattr(parameter, "show_default", None)
        if isinstance(shown, str):
            assert f"[default: ({shown})" in told


@pytest.mark.parametrize("words", ["", "corpus", "cache"])
def test_help_names_commands_and_what_they_do(words: str) -> None:
    group = typer.main.get_command(app)
    for name in words.split():
        assert isinstance(group, click.Group)
        group = group.commands[name]
    assert isinstance(group, click.Group)
    told = help_of(words)
    for name, command in group.commands.items():
        first = in_one_line((command.help or "missing").partition("\n\n")[0])
        assert f"{name} {first}" in told


def test_brackets_in_texts_stay() -> None:
    def odd(
        name: Annotated[str, typer.Argument(help="Needs fedasc[hf]; see [study].")],
        much: Annotated[int, typer.Option(help="[bold]Not[/bold] of [0, 1].")] = 1,
    ) -> None:
        """Take a [section] apart."""

    told = in_one_line(CliRunner().invoke(script(odd), ["--help"]).stdout)
    assert "NAME Needs fedasc[hf]; see [study]. [required]" in told
    assert "--much INTEGER [bold]Not[/bold] of [0, 1]. [default: 1]" in told
    assert "Take a [section] apart." in told


@pytest.mark.parametrize("words", [words for words, _ in commands()])
def test_every_command_can_be_quiet_or_tell_more_or_speak_to_programs(words: str) -> None:
    options = {name for option in dict(commands())[words].params for name in option.opts}
    assert {"--quiet", "-q", "--verbose", "-v", "--json"} <= options


def test_the_version_names_what_results_depend_on() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert result.exit_code == 0
    ours, others, _ = result.stdout.splitlines()
    assert ours == f"fedasc {version('fedasc')}"
    for name in ("numpy", "scikit-learn", "numba", "torch", "flwr", "ray"):
        assert f"{name} {version(name)}" in others
    assert f"Python {platform.python_version()}" in others


def test_the_shell_completes_trackers_one_after_the_other() -> None:
    assert tracker_names("tens") == ["tensorboard"]
    assert tracker_names("mlflow,tra") == ["mlflow,trackio"]
    assert "mlflow,mlflow" not in tracker_names("mlflow,")


def test_options_that_commands_share_are_the_same() -> None:
    shared: dict[str, set[tuple[object, ...]]] = {}
    for words, option in options():
        if option.name in ("corpus", "profiles", "clients", "seed", "repetitions", "workers"):
            assert option.name
            declared = option.help, option.show_default, option.type.name
            shared.setdefault(option.name, set()).add(declared)
        assert option.help, words
    assert {name: len(declared) for name, declared in shared.items()} == dict.fromkeys(shared, 1)


def test_defaults_that_are_shown_are_those_of_the_settings() -> None:
    settings, search = Settings(), SearchSettings()
    nights = settings.nights
    expected = {
        "clients": settings.n_clients,
        "seed": settings.seed,
        "teacher": settings.teacher.name,
        "aggregator": settings.aggregator.name,
        "strategy": settings.strategy.name,
        "components": vars(settings.aggregator)["n_components"],
        "nights": nights.n_nights,
        "drift": settings.users.drift,
        "dropout": nights.dropout,
        "straggle": nights.straggle,
        "join": nights.join,
        "leave": nights.leave,
        "attack": Attack().name,
        "attackers": Attack().share,
        "repetitions": Plan().n_repetitions,
        "objective": search.objective,
        "evaluations": search.n_evaluations,
        "windows": search.n_windows,
    }
    for axis in AXES:
        expected[axis] = ",".join(map(word, getattr(WhenPlan(), axis)))
    shown = {option.name: option.show_default for _, option in options()}
    assert {name: shown[name] for name in expected} == {
        name: str(value) for name, value in expected.items()
    }


def test_the_shell_completes_names_of_plug_ins_and_presets() -> None:
    assert plugin_names("fedasc.probes.probe:Probe")("two") == ["two-samples"]
    assert "gmm" in plugin_names("fedasc.aggregators.aggregator:Aggregator")("")
    assert preset_names("study")("c") == ["cpu"]
    assert preset_names("comparison")("") == ["attacks", "comparison", "nights", "privacy"]
    assert preset_names("variants")("") == ["retraining", "shipped"]


def test_a_command_that_is_mistyped_is_told() -> None:
    result = CliRunner().invoke(app, ["rum"])
    assert result.exit_code == 2
    assert "run" in result.output
