"""What the README tells a stranger to do can be done."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import typer

import fedasc
from fedasc.cli.main import app
from fedasc.probes.probe import Probe
from fedasc.testing import check_probe
from simulations.plugins.fading import FadingGaussian
from tests.test_api import CONTENT, cache, finished, recordings, run  # noqa: F401

README = Path("README.md").read_text(encoding="utf-8")
STANDS_FOR = {"KIND": "folders", "FOLDER": "my", "DAYS": "1"}
INLINE = [" ".join(text.split()) for text in re.findall(r"`(fedasc [^`]*)`", README)]


def blocks(language: str) -> list[str]:
    """The text of each block of code."""
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def lines() -> list[str]:
    """Every call of fedasc, in a block or in a sentence."""
    shell = [part for block in blocks("sh") for line in block.splitlines() for part in parts(line)]
    return list(dict.fromkeys([*shell, *INLINE]))


def parts(line: str) -> list[str]:
    calls = re.split(r"&&|;", line.partition("#")[0])
    return [call.strip() for call in calls if call.strip().startswith("fedasc ")]


@pytest.mark.parametrize("line", lines())
def test_every_command_has_these_options(line: str) -> None:
    words = shlex.split(line.replace("$seed", "1"))[1:]
    command: click.Command = typer.main.get_command(app)
    context = click.Context(command)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        named = command.get_command(context, words.pop(0))
        assert named, line
        command, context = named, click.Context(named, parent=context)
    if words and words != ["--install-completion"]:  # which would install it
        command.make_context("fedasc", [STANDS_FOR.get(word, word) for word in words])


def test_there_is_something_to_hold() -> None:
    assert len(lines()) > 20
    assert {line.split()[1] for line in lines()} >= {"run", "compare", "paper", "users", "corpus"}


def test_the_calls_from_python_work(
    recordings: Path,  # noqa: F811
    finished: fedasc.Run,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def small(settings: dict[str, Any], **options: Any) -> fedasc.Run:
        small_settings = {**CONTENT, **settings, "n_clients": 4}
        profiles = recordings.with_name("profiles.toml")
        return simulate(small_settings, corpus=recordings, profiles=profiles, **options)

    simulate = fedasc.run
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fedasc, "run", small)
    Path("runs").mkdir()
    Path("runs/first").symlink_to(finished.folder)
    calls = [block for block in blocks("python") if block.startswith("import fedasc\n")]
    assert len(calls) == 2
    for block in calls:
        exec(compile(block, "README.md", "exec"), {})
    assert {path.name for path in Path().iterdir()} == {"runs", "gains.png", "nights.png"}
    assert fedasc.load("runs/clustered").settings.strategy.name == "clustered"


def test_the_probe_of_ones_own_adds_its_column(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    (block,) = (block for block in blocks("python") if "(Probe)" in block)
    file = tmp_path / "loudest.py"
    file.write_text(block)
    done = run(recordings, {**CONTENT, "probes": [f"{file}:Loudest"]}, folder=tmp_path / "run")
    assert all(isinstance(value, float) for value in done.devices["loudest_db"])


def test_the_check_of_ones_own_plug_in_is_a_line() -> None:
    (block,) = (block for block in blocks("python") if "fedasc.testing" in block)
    names: dict[str, Any] = {"FadingGaussian": FadingGaussian}
    exec(compile(block, "README.md", "exec"), names)
    names["test_it_keeps_the_contract"]()


def test_the_probe_of_ones_own_keeps_the_contract(tmp_path: Path) -> None:
    (block,) = (block for block in blocks("python") if "(Probe)" in block)
    file = tmp_path / "loud_one.py"
    file.write_text(block)
    check_probe(Probe.from_section(f"{file}:Loudest", where="README.md"))
