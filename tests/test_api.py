"""Runs as calls, as a researcher makes them."""

import ast
import json
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import fedasc
from fedasc.api import corpora_of, profiles_of, settings_from
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.errors import RunError
from fedasc.night import Night, State
from fedasc.population.profile import BaselineProfile
from tests.drawings import as_pixels
from tests.simulations.test_run import PROFILES, SETTINGS
from tests.worlds import write_recordings

DPI = {
    **dict.fromkeys(("gains", "before_after", "nights", "users"), 150),
    **{"confusions": 200, "reliability": 300},
}
NOTEBOOKS = sorted(path for path in Path("docs").rglob("*.ipynb") if "gallery" not in path.parts)
LOCAL = fedasc.Execution(engine="local", n_workers=1)
CONTENT = {**tomllib.loads(SETTINGS), "n_clients": 4, "nights": {"n_nights": 2, "dropout": 0.2}}


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One for all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    (folder / "settings.toml").write_text(f"n_clients = 2\n{SETTINGS}")
    (folder / "profiles.toml").write_text(PROFILES)
    return write_recordings(folder)


def run(recordings: Path, settings: Any = CONTENT, **options: Any) -> fedasc.Run:
    profiles = recordings.with_name("profiles.toml")
    given: dict[str, Any] = {
        "corpus": recordings,
        "profiles": profiles,
        "execution": LOCAL,
        "audio": False,
    }
    return fedasc.run(settings, **(given | options))


@pytest.fixture(scope="module")
def finished(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> fedasc.Run:
    with as_pixels():
        return run(recordings, folder=tmp_path_factory.mktemp("runs") / "run")


def test_a_run_tells_what_its_files_say(finished: fedasc.Run) -> None:
    lines = (finished.folder / "devices.csv").read_text().splitlines()
    assert ",".join(finished.devices.columns) == lines[0]
    assert len(finished.devices) == len(lines) - 1
    nights = (finished.folder / "nights.csv").read_text().splitlines()
    assert ",".join(finished.nights.columns) == nights[0]
    everyone = [row for row in finished.nights if row["profile"] == "all"]
    assert [row["night"] for row in everyone] == [0, 1]
    assert finished.summary["corpus"] == finished.corpus
    assert finished.settings.n_clients == 4
    for accuracy in finished.devices["personal_accuracy"]:
        assert 0 <= accuracy <= 1


def test_a_loaded_run_is_the_same(finished: fedasc.Run) -> None:
    loaded = fedasc.load(str(finished.folder))
    assert loaded.settings == finished.settings
    assert loaded.devices == finished.devices
    assert repr(loaded.nights.rows) == repr(finished.nights.rows)  # NaN is no other NaN
    assert loaded.summary == finished.summary
    assert repr(loaded) == f"Run('{finished.folder}', 2 night(s))"


def test_a_run_is_made_again_by_its_own_settings(finished: fedasc.Run, tmp_path: Path) -> None:
    again = fedasc.run(
        finished.folder / "settings.toml", folder=tmp_path / "again", execution=LOCAL
    )
    tables = ("devices.csv", "nights.csv", "confusions.csv", "users.csv")
    others = ("classifiers.npz", "predictions.parquet", "summaries/0.npz", "summaries/1.npz")
    for name in (*tables, "settings.json", *others):
        assert (again.folder / name).read_bytes() == (finished.folder / name).read_bytes(), name
    assert again.summary["corpus"] == finished.summary["corpus"]


def test_what_a_run_has_learnt_comes_back(finished: fedasc.Run) -> None:
    loaded = fedasc.load(finished.folder)
    for night, records in enumerate(finished.records):
        sent = {record.device: record for record in records if record.n_windows}
        assert [*loaded.summaries(night)] == [*sent]
        for device, summary in loaded.summaries(night).items():
            assert isinstance(summary, fedasc.Summary)
            assert summary.n_bytes == sent[device].bytes_up
            assert isinstance(summary.content, fedasc.Mixture)
    for record in finished.records[-1]:
        predictions = loaded.predictions(record.device)
        assert isinstance(predictions, fedasc.Predictions)
        for name, score in record.scores.items():
            assert predictions.confusion(name).counts.tolist() == score.counts.tolist()
    for device, classifier in loaded.classifiers.items():
        assert loaded.classifier(device).arrays().keys() == classifier.arrays().keys()
    assert loaded.classifier().n_parameters == 544
    lines = (finished.folder / "confusions.csv").read_text().splitlines()
    assert ",".join(loaded.confusions.columns) == lines[0]
    rows = [",".join(map(str, row.values())) for row in loaded.confusions]
    assert rows == lines[1:]
    assert loaded.provenance["corpora"][0]["fingerprint"]


def test_what_a_folder_does_not_keep_is_told(finished: fedasc.Run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(finished.folder, folder)
    for path in (*folder.glob("predictions.*"), *folder.glob("summaries/*")):
        path.unlink()
    lean = fedasc.load(folder)
    for use in (lambda: lean.predictions(0), lean.summaries, lambda: lean.summary_of(0)):
        with pytest.raises(fedasc.FedascError, match=r"--settings .*settings\.toml --details"):
            use()
    for name in ("settings.toml", "provenance.json", "classifiers.npz"):
        (folder / name).unlink()
    old = fedasc.load(folder)
    with pytest.raises(fedasc.FedascError, match="earlier version; run it again"):
        old.predictions(0)
    with pytest.raises(fedasc.FedascError, match="earlier version"):
        _ = old.provenance
    with pytest.raises(fedasc.FedascError, match="no finished run with classifiers"):
        old.classifier(0)
    assert len(old.confusions) == len(finished.confusions)


def test_what_there_never_was_is_told(finished: fedasc.Run) -> None:
    for use in (finished.predictions, finished.classifier, finished.summary_of):
        with pytest.raises(fedasc.FedascError, match="no device 9; they go from 0 to 3"):
            use(9)
    with pytest.raises(fedasc.FedascError, match="no night 2; it has 2"):
        finished.summaries(2)
    missing = [
        (night, record.device)
        for night, records in enumerate(finished.records)
        for record in records
        if record.took_part == "missing"
    ]
    for night, device in missing:
        with pytest.raises(fedasc.FedascError, match=f"device {device} sent nothing"):
            finished.summary_of(device, night)


@pytest.mark.parametrize("name", [*DPI])
def test_figures_are_those_of_the_folder(finished: fedasc.Run, tmp_path: Path, name: str) -> None:
    figure = getattr(fedasc.load(finished.folder).plot, name)()
    assert isinstance(figure, Figure)
    figure.savefig(tmp_path / "figure.png", dpi=DPI[name])
    expected = (finished.folder / f"{name}.png").read_bytes()
    assert (tmp_path / "figure.png").read_bytes() == expected


def test_a_run_that_failed_goes_on_in_python(
    recordings: Path, finished: fedasc.Run, tmp_path: Path
) -> None:
    def fail(night: Night, state: State) -> None:
        raise RunError("devices are missing")

    folder = tmp_path / "run"
    with pytest.raises(fedasc.FedascError, match="missing"):
        run(recordings, folder=folder, observers=[fail])
    with pytest.raises(fedasc.FedascError, match="no finished run"):
        fedasc.load(folder)
    gone_on = fedasc.resume(str(folder), execution=LOCAL)
    assert gone_on.devices == finished.devices


def test_results_go_to_a_new_folder_if_none_is_named(
    recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(recordings, str(recordings.with_name("settings.toml")))
    assert done.folder.parent == Path("runs")
    assert (tmp_path / done.folder / "devices.csv").is_file()
    assert len(done.devices) == 2


def test_settings_come_as_a_value_a_mapping_a_path_or_not_at_all(recordings: Path) -> None:
    path = recordings.with_name("settings.toml")
    from_file = settings_from(path)
    assert from_file.n_clients == 2
    assert settings_from(str(path)) == settings_from(from_file) == from_file
    assert settings_from({"n_clients": 3}).n_clients == 3
    assert settings_from(None) == fedasc.Settings()
    own = profiles_of("own", [read_manifest(recordings)])
    assert settings_from({"n_clients": 3}, own).users.n_sources.speech == 3
    assert settings_from(path, own).users.n_sources.speech == 3
    assert settings_from(fedasc.Settings(), own) == fedasc.Settings()
    with pytest.raises(fedasc.FedascError, match="did you mean 'n_clients'"):
        settings_from({"n_client": 3})


def test_corpora_come_as_paths_or_values_one_or_several(recordings: Path) -> None:
    manifest = read_manifest(recordings)
    for given in (recordings, str(recordings), manifest, [recordings], [manifest]):
        (corpus,) = corpora_of(given)
        assert corpus.fingerprint() == manifest.fingerprint()
    assert len(corpora_of([recordings, SyntheticCorpus()])) == 2
    assert isinstance(corpora_of(None)[0], SyntheticCorpus)


def test_profiles_are_those_that_suit_the_corpus(recordings: Path) -> None:
    embedded, real = [SyntheticCorpus()], [read_manifest(recordings)]
    assert "synthetic" in profiles_of(None, embedded).where
    assert "auto" in profiles_of(None, real).where
    assert profiles_of("own", embedded).baseline == profiles_of("wide", embedded).baseline
    assert profiles_of("own", real).baseline == BaselineProfile(
        noise=("domestic",), music=("*half",)
    )
    named = profiles_of(recordings.with_name("profiles.toml"), real)
    assert list(named.users) == ["home", "town"]
    assert profiles_of(named, embedded) is named


@pytest.mark.parametrize("name", ["settings.json", "summary.json"])
def test_a_damaged_run_is_told(finished: fedasc.Run, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "run"
    shutil.copytree(finished.folder, folder)
    (folder / name).write_text("[")
    with pytest.raises(fedasc.FedascError, match="damaged"):
        fedasc.load(folder)


def shown_by(cell: str, names: dict[str, Any]) -> Any:
    """What a cell shows: the value of its last line, if that is an expression."""
    *lines, last = ast.parse(cell).body
    if not isinstance(last, ast.Expr):
        lines, last = [*lines, last], ast.Expr(ast.Constant(None))
    exec(compile(ast.Module(lines, []), "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=str)
def test_a_notebook_gives_tables_and_figures(
    path: Path,
    finished: fedasc.Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    assert all(not cell.get("outputs") for cell in content["cells"]), "clear its outputs"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(mpl.rcParams, "backend", "agg")
    Path("runs").mkdir()
    Path("runs/first").symlink_to(finished.folder)
    names: dict[str, Any] = {}
    shown = [
        shown_by("".join(cell["source"]), names)
        for cell in content["cells"]
        if cell["cell_type"] == "code"
    ]
    kinds = Counter(type(value).__name__ for value in shown)
    assert (kinds["Table"], kinds["Figure"]) == (3, 4)
    for value in shown:
        if type(value).__name__ == "Table":
            html = value._repr_html_()
            assert html.count("<tr>") == 1 + len(value)
            assert f"<th>{value.columns[0]}</th>" in html
        if type(value).__name__ == "Figure":
            value.canvas.draw()
    plt.close("all")
