"""The commands `fedasc plugin`, and the line that a plug-in's author gets for a usual mistake."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import fedasc
from fedasc.cli.main import app
from tests.plugin_files import AGGREGATOR, PROBE, RAW, forgotten, line_of
from tests.simulations.test_run import assert_refused
from tests.test_api import CONTENT, cache, recordings, run  # noqa: F401


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten(tmp_path):
        yield tmp_path


def plugin(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["plugin", *map(str, arguments)])


def checked(folder: Path, text: str, *arguments: object) -> Result:
    path = folder / f"{folder.name.replace('-', '_')}.py"
    path.write_text(text)
    return plugin("check", f"{path.name}:Mine", *arguments)


def in_words(result: Result) -> str:
    return " ".join(result.output.split())


SUM = "x = whole(stream)\n"
MISTAKES = {
    "a wrong shape": (
        AGGREGATOR,
        ("mean[None], variance", "mean, variance"),
        "mixture = ",
        "takes every day",
        "mixture: expected weights (n,) and means (n, n_features), got (1,) and (45,)",
    ),
    "double precision": (
        AGGREGATOR,
        ("part.astype(np.float32)", "part.astype(np.float64)"),
        "mixture = ",
        "takes every day",
        "mixture: expected float32, got float64, float64, float64",
    ),
    "NaN": (
        AGGREGATOR,
        (SUM, SUM + "        x = x / np.where(x > -1e9, np.nan, 1)\n"),
        "mixture = ",
        "takes every day",
        "mixture: expected finite means, positive weights and variances",
    ),
    "a missing field": (
        AGGREGATOR,
        ("np.ones(1), mean[None], variance[None]", "np.ones(1), mean[None]"),
        "mixture = ",
        "takes every day",
        "missing 1 required positional argument: 'covariances'",
    ),
    "an altered window": (
        AGGREGATOR,
        (SUM, "windows = list(stream)\n        for one in windows: one -= 1\n"
              "        x = np.stack(windows)\n"),
        "def summarise",
        "leaves the day alone",
        "must alter no window; windows are others now",
    ),
    "global draws": (
        AGGREGATOR,
        (SUM, SUM + "        x = x + np.random.normal(size=x.shape)\n"),
        "def summarise",
        "draws from its seed",
        "must draw from nothing but what it is given; it moved the global state of numpy.random",
    ),
    "undeclared bytes": (
        AGGREGATOR,
        ("(1 + 2 * 45)", "(1 + 45)"),
        "def budget",
        "keeps to its budget",
        "must send at most 184 bytes, its budget with 32 bits, of a day of 2 windows; it sent 364",
    ),
    "undeclared memory": (
        AGGREGATOR,
        ("size + 180 * n_windows", "size"),
        "def budget",
        "declares what it keeps",
        "must hold 0 bytes for each further window, as its budget says; it held",
    ),
    "undeclared work": (
        AGGREGATOR,
        (SUM, "x = np.stack([(((one * 2) * 2) * 2) / 8 * 1 for one in stream])\n"),
        "def budget",
        "declares its work",
        "must multiply 5400 times at most in a day of 60 windows",
    ),
    "windows in disguise": (
        RAW.replace("x[:20]", "x[::len(x) // 20][:20]").replace(
            "x = whole(stream)",
            "x = whole(stream)\n        if len(x) < 100: x = np.resize(x, (100, 45))",
        ).replace("len(x) / 20", "5.0").replace("np.full(20, 5.0)", "np.full(20, len(x) / 20.0)"),
        ("moved: float = 0.0", "moved: float = 0.05"),
        "def summarise",
        "tells of no single window",
        "must send nothing that tells of a single window, or declare sends_raw; means[",
    ),
    "a wrong column": (
        PROBE,
        ('columns = ("loudest_db",)', 'columns = ("loudest",)'),
        "def look",
        "looks at everyone",
        "tells loudest_db, which its columns don't name",
    ),
    "too slow": (
        AGGREGATOR,
        (SUM, SUM + "        while True: pass\n"),
        "while True",
        "takes every day",
        "it took more than 0.5 s",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_usual_mistake_is_told_with_line_and_cure(folder: Path, mistake: str) -> None:
    text, (before, broken), at, name, told = MISTAKES[mistake]
    broken_text = text.replace(before, broken)
    assert broken_text != text
    limit = ("--limit", 0.5) if mistake == "too slow" else ()
    result = checked(folder, broken_text, *limit)
    assert result.exit_code == 1, result.output
    words = in_words(result)
    line = f"{folder.name.replace('-', '_')}.py:{line_of(broken_text, at)}"
    assert f"FAILS {name} {line}" in words
    assert told in words
    assert "cure: " in words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("class Mine(\n", r".py:1: SyntaxError: '(' was never closed"),
        ("import numpy\nimport nothing_like_it\n", ".py:2: ModuleNotFoundError: No module named"),
        (AGGREGATOR.replace("Mine(Aggregator)", "Mine"), "; it derives from object ("),
        (AGGREGATOR.replace("Mine(", "Yours("), "has no class 'Mine'"),
        (AGGREGATOR.replace("def budget", "def budgets"), "lacks budget"),
        (AGGREGATOR.replace("frozen=True, ", ""), "write @dataclass(frozen=True, kw_only=True)"),
        ("Mine = 3\n", "; it is a int, no class"),
    ],
)
def test_what_cannot_be_loaded_is_refused(folder: Path, text: str, told: str) -> None:
    assert_refused(checked(folder, text), told)


def test_what_works_passes_and_programs_read_it(folder: Path) -> None:
    result = checked(folder, AGGREGATOR, "--json")
    assert result.exit_code == 0, result.output
    (verdict,) = json.loads(result.stdout)["plugins"]
    assert verdict["passed"]
    assert verdict["family"] == "aggregator"
    assert {"name": "sends no window", "passed": True} in verdict["checks"]
    assert verdict["facts"]["bytes sent"] == "364 declared, 364 sent in single precision"
    assert verdict["days"]["silence"] == "364 bytes leave"


def test_settings_can_be_tried(folder: Path) -> None:
    result = checked(folder, AGGREGATOR, "--set", "floor=0.0", "--json")
    assert result.exit_code == 1, result.output
    failed = [one for one in json.loads(result.stdout)["plugins"][0]["checks"] if not one["passed"]]
    assert failed[0]["name"] == "takes every day"
    assert failed[0]["line"].endswith(f".py:{line_of(AGGREGATOR, 'mixture = ')}")
    assert_refused(plugin("check", "moments", "--set", "flor"), "expected NAME=VALUE")
    assert_refused(plugin("check", "moments", "--set", "flor=1"), "unknown setting 'flor'")


def test_a_file_alone_is_all_that_is_in_it(folder: Path) -> None:
    (folder / "both_of_them.py").write_text(PROBE + AGGREGATOR.replace("Mine", "Other"))
    words = in_words(plugin("check", "both_of_them.py"))
    assert "probe both_of_them.py:Mine ok is frozen" in words
    assert "aggregator both_of_them.py:Other ok is frozen" in words
    (folder / "none_of_them.py").write_text("x = 1")
    assert_refused(plugin("check", "none_of_them.py"), "fedasc plugin new writes one")


@pytest.mark.parametrize("family", ["aggregator", "strategy", "probe", "teacher"])
def test_a_new_one_passes(folder: Path, family: str) -> None:
    result = plugin("new", family, f"ideas/of-{family}")
    assert result.exit_code == 0, result.output
    file = Path(f"ideas/of_{family}.py")
    name = f"Of{family.capitalize()}"
    assert f"fedasc run --clients 4 --{family} {file}:{name}" in in_words(result)
    assert f"--{family} {file}:{name}" in file.read_text()
    assert plugin("check", file).exit_code == 0
    test = file.with_name(f"test_of_{family}.py").read_text()
    assert f"from of_{family} import {name}\n" in test
    assert "worked" not in (file.read_text() + test).lower()


def test_all_new_ones_run_at_once(
    recordings: Path,  # noqa: F811
    folder: Path,
) -> None:
    for family in ("aggregator", "strategy", "probe", "teacher"):
        assert plugin("new", family, f"run_{family}").exit_code == 0
    named = {f: f"run_{f}.py:Run{f.capitalize()}" for f in ("aggregator", "strategy", "teacher")}
    content = {**CONTENT, **named, "probes": ["run_probe.py:RunProbe"]}
    done: fedasc.Run = run(recordings, content, folder=folder / "run")
    assert all(isinstance(value, float) for value in done.devices["loud_db"])
    told = [value for value in done.devices["agreement"] if value is not None]
    assert told
    assert all(0 <= value <= 1 for value in told)
    assert not [lost for lost in done.devices["lost"] if lost]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("numpy", "another module is called 'numpy'"),
        ("json", "another module is called 'json'"),
        ("class", "no name of a module"),
        ("2nd", "no name of a module"),
    ],
)
def test_a_name_that_cannot_be_is_refused(folder: Path, name: str, told: str) -> None:
    assert_refused(plugin("new", "probe", name), told)
    assert not [*folder.iterdir()]


@pytest.mark.parametrize("there", ["mine_too.py", "test_mine_too.py"])
def test_nothing_is_overwritten(folder: Path, there: str) -> None:
    (folder / there).write_text("mine")
    assert_refused(plugin("new", "probe", "mine_too"), f"{there}: exists")
    assert [path.name for path in folder.iterdir()] == [there]
    assert (folder / there).read_text() == "mine"
