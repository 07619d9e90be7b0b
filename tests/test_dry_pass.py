"""Plug-ins of somebody's are tried before anything is decoded."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import fedasc.corpus.pool
import fedasc.dry_pass
import fedasc.made_up.server
from fedasc.cli.main import app
from fedasc.dry_pass import dry_pass, dry_passes
from fedasc.errors import PluginError, SettingsError
from fedasc.runs.inputs import Inputs
from fedasc.runs.run import run
from fedasc.settings import Settings, settings_of
from tests.plugin_files import AGGREGATOR, PROBE, RAW, forgotten, line_of
from tests.worlds import PROFILES, TinyCorpus

STRATEGY = """
from dataclasses import dataclass
from fedasc.strategies.personalised import PersonalisedStrategy

@dataclass(frozen=True, kw_only=True)
class Mine(PersonalisedStrategy):
    def draws(self, server, content, *, rng):
        return super().draws(server, content, rng=rng)
"""
TEACHER = Path("fedasc/worked/teacher.py").read_text().replace("WorkedTeacher", "Mine")
TEXTS = {"aggregator": AGGREGATOR, "strategy": STRATEGY, "probe": PROBE, "teacher": TEACHER}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten(tmp_path):
        yield tmp_path


def with_plugin(folder: Path, family: str, text: str, **more: Any) -> Settings:
    path = folder / f"{folder.name.replace('-', '_')}_{family}.py"
    path.write_text(text)
    section = f"{path.name}:Mine"
    named: Any = {"probes": [section]} if family == "probe" else {family: section}
    return settings_of({**named, **more}, where="x")


def test_what_comes_with_fedasc_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fedasc.dry_pass, "small_server", lambda: 1 / 0)
    dry_pass(Settings())


@pytest.mark.parametrize("family", TEXTS)
def test_what_works_passes(folder: Path, family: str) -> None:
    dry_pass(with_plugin(folder, family, TEXTS[family]))


@pytest.mark.parametrize(
    ("family", "before", "broken"),
    [
        ("aggregator", "x = whole(stream)", "x = whole(streem)"),
        ("aggregator", "size = 4 * (1", "size = 4 // 0 * (1"),
        ("strategy", "return super().draws(server", "return super().draw(server"),
        ("probe", "sight.heard.x.max()", "sight.herd.x.max()"),
        ("teacher", "means = np.stack([x[", "means = np.stck([x["),
        ("teacher", "np.savez(file, means=", "np.savez(file, nothing, means="),
    ],
)
def test_what_does_not_is_told_with_its_line(
    folder: Path, family: str, before: str, broken: str
) -> None:
    text = TEXTS[family].replace(before, broken)
    assert text != TEXTS[family]
    settings = with_plugin(folder, family, text)
    line = line_of(text, broken)
    with pytest.raises(PluginError, match=rf"{family} '.*Mine' failed at .*\.py:{line}: .*Error"):
        dry_pass(settings)


@pytest.mark.parametrize(
    ("family", "before", "broken", "method", "told"),
    [
        (
            "aggregator",
            "return Draft(mixture",
            "Draft(mixture",
            "",
            "must return Mixture.* NoneType",
        ),
        ("aggregator", "size = 4 *", "size = 2 *", "summarise", "364 bytes, but .* 182 at most"),
        ("strategy", "def draws", "def serve(self, *_): pass\n    def draws", "serve", "NoneType"),
    ],
)
def test_what_is_returned_is_held_to_the_contract(
    folder: Path, family: str, before: str, broken: str, method: str, told: str
) -> None:
    text = TEXTS[family].replace(before, broken)
    settings = with_plugin(folder, family, text)
    place = rf".*:{line_of(text, f'def {method}')}.*" if method else ".*"
    with pytest.raises((PluginError, SettingsError), match=rf"{family} .*{place}{told}"):
        dry_pass(settings)


def test_windows_that_are_called_a_mixture_are_refused(folder: Path) -> None:
    settings = with_plugin(folder, "aggregator", RAW)
    with pytest.raises(PluginError, match=r"20 of its rows tell of a single window each \(means"):
        dry_pass(settings)


def test_who_declares_that_she_sends_them_may(folder: Path) -> None:
    dry_pass(
        with_plugin(folder, "aggregator", RAW.replace("moved:", "sends_raw = True\n    moved:"))
    )


def test_an_aggregator_that_wants_more_windows_gets_them(folder: Path) -> None:
    text = AGGREGATOR.replace("float(len(x))", "len(x) / 100")
    dry_pass(with_plugin(folder, "aggregator", text))
    few = with_plugin(folder, "aggregator", text, listening={"n_heard": 300})
    with pytest.raises(SettingsError, match="none of 1 component"):
        dry_pass(few)


def test_what_will_take_long_is_told_beforehand(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    text = AGGREGATOR.replace("x = whole", "import time; time.sleep(0.05); x = whole")
    settings = with_plugin(folder, "aggregator", text, listening={"n_heard": 1000})
    with caplog.at_level(logging.WARNING):
        dry_pass(settings)
        assert not caplog.messages
        monkeypatch.setattr(fedasc.dry_pass, "_SLOW_S", 0.4)
        dry_pass(settings)
    assert "will take about" in caplog.text
    assert "for a day of 1000 windows" in caplog.text


def test_the_same_kinds_are_tried_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = with_plugin(folder, "aggregator", AGGREGATOR)
    tried: list[Settings] = []
    monkeypatch.setattr(fedasc.dry_pass, "dry_pass", tried.append)
    dry_passes([one, one, Settings()])
    assert tried == [one, Settings()]


class Unread(TinyCorpus):
    """Minds being read."""

    def read(self, index: int) -> Any:
        raise AssertionError("it was decoded")


def test_a_run_tries_before_it_decodes_and_leaves_no_folder(folder: Path) -> None:
    settings = with_plugin(folder, "aggregator", AGGREGATOR.replace("whole(stream)", "whole()"))
    inputs = Inputs(settings=settings, corpora=[Unread()], profiles=PROFILES)
    with pytest.raises(PluginError, match="nothing was begun"):
        run(inputs, folder=folder / "run")
    assert not (folder / "run").exists()


GRID = """
[comparison.aggregators.a]
name = "mine_of_a_grid.py:Mine"
[comparison.strategies.none]
[comparison.strategies.personalised]
with = ["a"]
"""


def test_a_comparison_tries_before_it_decodes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = AGGREGATOR.replace("whole(stream)", "whole()")
    (folder / "mine_of_a_grid.py").write_text(text)
    (folder / "grid.toml").write_text(GRID)

    def opened(*_: Any, **__: Any) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(fedasc.corpus.pool, "open_complete_pool", opened)
    for line in (
        ["compare", "--grid", "grid.toml"],
        ["privacy", "--aggregator", "mine_of_a_grid.py:Mine"],
    ):
        done = CliRunner().invoke(app, line)
        assert done.exit_code == 2, done.output
        told = f"failed at mine_of_a_grid.py:{line_of(text, 'whole()')}: TypeError"
        assert told in " ".join(done.output.split())
