"""The page of results from the command line, on recordings written by the test."""

import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from fedasc.report.page import sections_of
from simulations import results
from tests.experiments.maps import MAP, WORLD
from tests.simulations.test_paper import STUDY
from tests.simulations.test_run import PROFILES, SETTINGS, assert_refused
from tests.worlds import write_recordings

PARTS = tuple(results.PARTS)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    write_recordings(folder)
    study = STUDY.replace("full_components = [1]", "full_components = []")
    (folder / "tiny.toml").write_text(SETTINGS + study)
    (folder / "profiles.toml").write_text(PROFILES)
    return folder


def run(recordings: Path, page: Path, *parts: str) -> Result:
    files = {"corpus": "manifest.csv", "profiles": "profiles.toml"}
    line = [part for name, file in files.items() for part in (f"--{name}", str(recordings / file))]
    line += [word for part in parts for word in ("--part", part)]
    return CliRunner().invoke(
        results.app, [*line, "--page", str(page), "--no-why", "--workers", "1"]
    )


def test_the_page_is_made_in_pieces(recordings: Path, tmp_path: Path, cache: Path) -> None:
    page, tiny = tmp_path / "docs" / "results.md", recordings / "tiny.toml"
    first = run(recordings, page, "choices", f"paper={tiny}")
    assert first.exit_code == 0, first.output
    before = sections_of(page.read_text())
    assert tuple(before) == PARTS
    origin = before["paper"].splitlines()[2]
    command = (
        "fedasc paper --preset tiny --no-why --corpus path/to/manifest.csv --profiles profiles"
    )
    splits = r"2 split\(s\) by group, seeds 1 to 2"
    clips = r"recordings: 117 clips \(.*\), fingerprint `\w{12}`\."
    assert re.fullmatch(f"`{command}`; commit .*; {splits}; {clips}", origin), origin
    assert "| user | baseline | comprehensive | personal, N=3 | teacher |" in before["paper"]
    assert "edges of both filter banks" in before["choices"]
    assert before["compare"].endswith("--part compare` does it.")
    assert str(recordings) not in page.read_text(), "where recordings lie is nobody's business"
    made = sorted((cache / "cell").iterdir())
    second = run(recordings, page, f"method={tiny},{tiny}")
    assert second.exit_code == 0, second.output
    assert sorted((cache / "cell").iterdir()) == made
    after = sections_of(page.read_text())
    assert {name for name in PARTS if after[name] != before[name]} == {"method"}
    assert "| statement | `tiny` | `tiny` |" in after["method"]


@pytest.mark.usefixtures("pixels")
def test_worlds_of_their_own_are_told_beside_pictures(recordings: Path, tmp_path: Path) -> None:
    curve = '[curves.wrong]\nsetting = "answers.wrong"\nvalues = [0.0, 1.0]\n'
    asking = '[strategy]\nname = "answered"\nn_epochs = 2\n[study]\nn_repetitions = 1\n'
    (tmp_path / "plan.toml").write_text(f"n_clients = 2\n{WORLD}\n{asking}\n{curve}")
    (tmp_path / "map.toml").write_text(WORLD + MAP)
    page = tmp_path / "docs" / "results.md"
    parts = (
        f"{part}={tmp_path / name}.toml" for part, name in (("when", "map"), ("answers", "plan"))
    )
    done = run(recordings, page, *parts)
    assert done.exit_code == 0, done.output
    sections = sections_of(page.read_text())
    assert "`fedasc when --plan map --corpus path/to/manifest.csv" in sections["when"]
    assert "`python simulations/answers.py --plan plan --corpus" in sections["answers"]
    for section, name in (("when", "map"), ("answers", "plan")):
        assert f"({name}.png)" in sections[section]
        assert (page.parent / f"{name}.png").stat().st_size > 1000
    assert "| 1 | 3 |" in sections["when"]
    assert "| wrong | 1.0 |" in sections["answers"]


def test_a_part_may_stand_there_several_times() -> None:
    """With other users, say; each beside those of its kind, and not in place of another."""
    page = results.with_part(results.with_part("", "paper", "wide"), "own:paper", "others")
    page = results.with_part(page, "compare", "pairs")
    sections = sections_of(page)
    assert list(sections)[:4] == ["choices", "paper", "own:paper", "method"]
    assert [sections[name] for name in ("paper", "own:paper", "compare")] == [
        *("wide", "others", "pairs")
    ]


def test_parts_that_there_are_not_are_refused(recordings: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    for part in ("papper", "own:papper", "paper:own"):
        assert_refused(run(recordings, page, part), "name one of choices, paper, method")
    assert not page.exists()


def test_the_page_of_the_documentation_has_all_parts() -> None:
    page = Path("docs/results.md").read_text(encoding="utf-8")
    assert set(sections_of(page)) >= set(results.PARTS)
    assert page.startswith(results.HEAD)


def test_a_checkout_tells_its_commit() -> None:
    assert re.fullmatch(r"`[0-9a-f]{10}`( with changes)?|unknown, of version .*", results.commit())
