"""The commands `fedasc cache`, as a researcher uses them."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from fedasc import inventory
from fedasc.cache import CacheEntry
from fedasc.cli.main import app
from fedasc.shelves import FEATURES, POOL

DAY_S = 86_400


def run(*arguments: object, answer: str = "") -> Result:
    line = ["cache", *map(str, arguments)]
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, line, input=answer)


def words(result: Result) -> list[list[str]]:
    """The words of each line."""
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.stdout.splitlines()]


def content(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def kept(entry: CacheEntry, *, days: float, n_bytes: int) -> Path:
    """An entry that was last used so many days ago."""

    def make(folder: Path) -> None:
        (folder / "content").write_bytes(bytes(n_bytes))

    folder = entry.made(make)
    os.utime(folder, (time.time() - days * DAY_S,) * 2)
    return folder


def day(days_ago: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(time.time() - days_ago * DAY_S))


@pytest.fixture
def entries() -> dict[str, Path]:
    """Two of features and a pool, of 4 MB in all, last used 9, 1 and 3 days ago."""
    return {
        "old": kept(FEATURES.entry(1), days=9, n_bytes=1_000_000),
        "new": kept(FEATURES.entry(2), days=1, n_bytes=1_000_000),
        "pool": kept(POOL.entry(), days=3, n_bytes=2_000_000),
    }


def there(entries: dict[str, Path]) -> set[str]:
    return {name for name, path in entries.items() if path.exists()}


def test_what_is_kept_is_listed_by_kind(entries: dict[str, Path], cache: Path) -> None:
    _, features, pool, both, last = words(run())
    assert last == ["In", str(cache)]
    assert features == ["features", "2", "2.0", "MB", day(9), day(1), "0", "0"]
    assert pool == ["pool", "1", "2.0", "MB", day(3), day(3), "0", "0"]
    assert both == ["all", "3", "4.0", "MB", day(9), day(1), "0", "0"]


def test_programs_read_the_same(entries: dict[str, Path], cache: Path) -> None:
    listed = content(run("--json"))
    assert listed["folder"] == str(cache)
    assert [kind["kind"] for kind in listed["kinds"]] == ["features", "pool"]
    features = listed["kinds"][0]
    assert features["n"] == 2
    assert 2_000_000 < features["n_bytes"] < 2_010_000
    assert (features["oldest_use"][:10], features["newest_use"][:10]) == (day(9), day(1))
    assert (features["n_stale"], features["n_stale_bytes"], features["n_unfinished"]) == (0, 0, 0)


def test_an_empty_cache_is_shown_and_pruned() -> None:
    assert words(run())[-2] == ["all", "0", "0.0", "MB", "–", "–", "0", "0"]
    assert content(run("--json"))["kinds"] == []
    assert words(run("prune", "--stale")) == [["nothing", "to", "remove"]]


def test_prune_removes_what_all_conditions_hold_for(entries: dict[str, Path]) -> None:
    result = run("prune", "--older-than", 2, "--kind", "features", "--yes")
    assert words(result)[-1] == ["1", "removed,", "1.0", "MB"]
    assert there(entries) == {"new", "pool"}
    run("prune", "--older-than", 2, "--yes")
    assert there(entries) == {"new"}
    removed = content(run("prune", "--kind", "features", "--yes", "--json"))
    assert [(kind["kind"], kind["n"]) for kind in removed["removed"]] == [("features", 1)]
    assert removed["n_in_the_making"] == 0
    assert there(entries) == set()


def test_what_other_versions_have_made_is_listed_and_pruned(
    entries: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert words(run("prune", "--stale", "--yes")) == [["nothing", "to", "remove"]]
    monkeypatch.setattr(inventory, "installed", lambda library: "99")
    assert words(run())[-2][-4:] == ["3", "(4.0", "MB)", "0"]
    run("prune", "--stale", "--kind", "pool", "--yes")
    assert there(entries) == {"old", "new"}


def test_prune_asks_before_it_removes(entries: dict[str, Path]) -> None:
    for answer in ("", "n\n"):
        result = run("prune", "--older-than", 0, answer=answer)
        assert result.exit_code == 1
        assert "Remove all this?" in result.output
        assert there(entries) == {"old", "new", "pool"}
    result = run("prune", "--older-than", 0, answer="y\n")
    assert words(result)[-1] == ["3", "removed,", "4.0", "MB"]
    assert there(entries) == set()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "say what to remove: --older-than, --kind or --stale"),
        (["--yes"], "say what to remove"),
        (["--kind", "music", "--yes"], "no kind 'music' is kept; there are features, pool"),
        (["--kind", "pool", "--json"], "with --json nothing is asked; say --yes to remove it"),
    ],
)
def test_bad_input_gives_one_line_and_removes_nothing(
    arguments: list[str], reason: str, entries: dict[str, Path]
) -> None:
    result = run("prune", *arguments)
    assert result.exit_code == 2
    assert reason in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert there(entries) == {"old", "new", "pool"}
