"""What the README and the documentation tell a stranger to do can be done."""

import importlib
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import typer

import fedasc
from fedasc.aggregators.aggregator import Aggregator
from fedasc.cli.main import app
from fedasc.probes.probe import Probe
from fedasc.settings import settings_of
from fedasc.strategies.strategy import Strategy
from fedasc.testing import check_aggregator, check_probe, check_strategy
from tests.test_api import CONTENT, cache, finished, recordings  # noqa: F401

DOCS = Path("docs")
PAGES = [
    Path("README.md"),
    Path("CONTRIBUTING.md"),
    *sorted(
        page
        for page in DOCS.rglob("*.md")
        if not {"_build", "gallery"} & {*page.relative_to(DOCS).parts}
    ),
]
STANDS_FOR = {"KIND": "folders", "FOLDER": "my", "DAYS": "1", "COMMAND": "run"}
RUN = {"sh", "python", "toml"}
SHOWN = {"csv", "json", "text"}
NOT_RUN = re.compile(r"<!-- not run: .{10,} -->\n$")
"""Stands above a block that can't be tried."""

CHECKS: list[tuple[type[Any], Any]] = [
    (Aggregator, check_aggregator),
    (Strategy, check_strategy),
    (Probe, check_probe),
]


@dataclass(frozen=True)
class Block:
    """A block of code.

    Args:
        where: Page and line.
        language: As it says itself.
        text: What is in it.
        tried: Whether it is not excused.
    """

    where: str
    language: str
    text: str
    tried: bool


def blocks_of(page: Path) -> Iterator[Block]:
    """Every block that stands between fences, but directives of the site."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(.*)\n((?:.*\n)*?)```$", text, flags=re.MULTILINE):
        if not found[1].startswith("{"):
            before = text[: found.start()]
            where = f"{page}:{before.count(chr(10)) + 1}"
            yield Block(where, found[1], found[2], not NOT_RUN.search(before))


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def named(language: str) -> list[Any]:
    """Blocks to try, with their places as names of tests."""
    return [
        pytest.param(block, id=block.where)
        for block in BLOCKS
        if block.language == language and block.tried
    ]


def parts(line: str) -> list[str]:
    """Calls of fedasc in a line of a shell."""
    calls = re.split(r"&&|;|\|", line.partition("#")[0])
    return [call.strip() for call in calls if call.strip().startswith("fedasc ")]


def calls() -> list[str]:
    """Every call of fedasc, in a block or in a sentence."""
    shell = [
        part
        for block in BLOCKS
        if block.language == "sh" and block.tried
        for line in block.text.replace("\\\n", " ").splitlines()
        for part in parts(line)
    ]
    prose = [
        " ".join(text.split())
        for page in PAGES
        for text in re.findall(r"`(fedasc [^`]*)`", page.read_text(encoding="utf-8"))
    ]
    return list(dict.fromkeys([*shell, *prose]))


@pytest.mark.parametrize("line", calls())
def test_every_command_has_these_options(line: str) -> None:
    words = shlex.split(line.replace("$seed", "1"))[1:]
    command: click.Command = typer.main.get_command(app)
    context = click.Context(command)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        word = words.pop(0)
        inner = command.get_command(context, STANDS_FOR.get(word, word))
        assert inner, line
        command, context = inner, click.Context(inner, parent=context)
    if words not in ([], ["--install-completion"], ["--version"]):  # which would do it
        command.make_context("fedasc", [STANDS_FOR.get(word, word) for word in words])


def test_there_is_something_to_hold() -> None:
    commands = {line.split()[1] for line in calls()}
    assert commands >= {"run", "compare", "paper", "users", "corpus", "when", "privacy", "export"}
    assert len(named("python")) >= 6
    assert len(named("toml")) >= 4


def test_every_block_says_what_it_is() -> None:
    odd = [block.where for block in BLOCKS if block.language not in RUN | SHOWN]
    assert not odd, "sh, python and toml are tried; text is only shown"


@pytest.mark.parametrize("block", named("toml"))
def test_what_settings_say_is_a_setting(block: Block) -> None:
    settings_of(tomllib.loads(block.text), where=block.where)


@pytest.fixture
def small(
    recordings: Path,  # noqa: F811
    finished: fedasc.Run,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder with a finished run in it, where runs are small and of a few recordings."""

    def run(settings: Any = None, **options: Any) -> fedasc.Run:
        small_settings = {**CONTENT, **(settings or {}), "n_clients": 2}
        profiles = recordings.with_name("profiles.toml")
        return simulate(small_settings, **{"corpus": recordings, "profiles": profiles} | options)

    simulate = fedasc.run
    monkeypatch.syspath_prepend(Path.cwd())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fedasc, "run", run)
    Path("runs").mkdir()
    Path("runs/first").symlink_to(finished.folder)
    return tmp_path


@pytest.mark.parametrize("block", named("python"))
def test_python_runs(block: Block, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = f"shown_{BLOCKS.index(block)}"  # of a name, Python knows one module
    file = small / f"{shown}.py"
    file.write_text(block.text)
    monkeypatch.syspath_prepend(small)
    module = importlib.import_module(shown)
    monkeypatch.setitem(sys.modules, shown, module)  # until the end of the test
    for name, value in [*vars(module).items()]:
        if name.startswith("test_"):
            value()
        for kind, check in CHECKS:
            if isinstance(value, type) and issubclass(value, kind) and value.__module__ == shown:
                check(kind.from_section(f"{file}:{name}", where=block.where))


ANCHOR = re.compile(r"\[(?:[^\[\]]|\n)+?\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_what_there_is(page: Path) -> None:
    """On a forge, too, where pages are read as they stand."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in ANCHOR.findall(text):
        file, _, anchor = target.partition("#")
        if file.startswith(("http://", "https://")) or file == "gallery/index":
            continue
        there = page.parent / file if file else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


def anchors(page: Path) -> set[str]:
    """Of the headings of a page, as forges and MyST make them."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def test_the_readme_is_short_and_starts_with_the_two_commands() -> None:
    lines = Path("README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    commands = [line for line in lines if line.startswith("python3 -m venv ")]
    assert [line.rpartition("/")[2] for line in commands] == ["run.py --clients 50", "pytest"]
    assert lines.index(commands[1]) < 20
