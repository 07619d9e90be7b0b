"""The command `fedasc` as a whole: its commands, their help, and what they cost to ask for."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
import typer
from typer.testing import CliRunner

from fedasc.attacks.attack import Attack
from fedasc.bank_search.settings import SearchSettings
from fedasc.cli.main import app
from fedasc.cli.options import plugin_names, preset_names
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
HEAVY = "torch flwr ray numba sklearn scipy matplotlib numpy pandas"
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
    return " ".join(text.replace("│", " ").split())


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
def test_help_says_all_that_options_say(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brackets in a text, for example, would be taken for a style."""
    monkeypatch.setenv("COLUMNS", "200")
    told = in_one_line(CliRunner().invoke(app, [*words.split(), "--help"]).stdout)
    for name, option in options():
        if name == words:
            assert in_one_line(option.help or "missing") in told


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
