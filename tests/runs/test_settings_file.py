"""Settings in the folder of a run, which make it again."""

import inspect
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.api import settings_from
from fedasc.audio.response import Response
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.errors import CorpusError, SettingsError
from fedasc.execution import Execution
from fedasc.models.teacher import TeacherSettings
from fedasc.plugins import as_section
from fedasc.population.profile import find_profiles
from fedasc.population.responses import Responses
from fedasc.population.users import UserSettings
from fedasc.privacy.accountant import account
from fedasc.runs import provenance
from fedasc.runs.inputs import Inputs
from fedasc.runs.provenance import read_provenance, write_provenance
from fedasc.runs.settings_file import read_settings, write_settings
from fedasc.settings import Settings
from fedasc.strategies.strategy import Strategy
from tests.worlds import TinyCorpus

PROFILES = find_profiles("own", embedded=True)
PLUGIN = """
from dataclasses import dataclass

import quietest
from fedasc import Probe


@dataclass(frozen=True, kw_only=True)
class Loudest(Probe):
    columns = ("loudest_db",)
    least: float = 0.0

    def look(self, sight):
        return {"loudest_db": quietest.loudest(sight)}
"""
BESIDE = "def loudest(sight):\n    return float(sight.heard.x.max())\n"


def an_inputs(settings: Settings | None = None, **more: Any) -> Inputs:
    given: dict[str, Any] = {"corpora": [SyntheticCorpus(seed=3)], "profiles": PROFILES} | more
    return Inputs(settings=settings or Settings(), **given)


def written(folder: Path, inputs: Inputs) -> Path:
    """The settings file of a run's folder."""
    folder.mkdir(exist_ok=True)
    inputs.stored(folder)
    write_settings(folder, inputs, command="fedasc run\n--clients 3")
    write_provenance(folder, inputs, command="", execution=Execution())
    return folder / "settings.toml"


def test_all_that_was_asked_for_comes_back_from_wherever_the_folder_is(tmp_path: Path) -> None:
    roster, teacher = tmp_path / "users.csv", tmp_path / "teacher"
    roster.write_text("profile,noise_types,genres\nU1,fan,pop\n")
    teacher.mkdir()
    (teacher / "a").write_text("trees")
    inputs = an_inputs(
        Settings(
            n_clients=3,
            users=UserSettings(
                responses=Responses(each=(Response(name="a", hz=(100.0, 900.0), db=(0.0, 3.5)),)),
                self_noise_db_spl=20.0,
            ),
        ),
        roster=roster, strict=True, teacher_file=teacher, language="c", details=False, audio=False,
    )  # fmt: skip
    written(tmp_path / "run", inputs)
    (tmp_path / "run").rename(tmp_path / "moved")
    roster.unlink()
    asked = read_settings(tmp_path / "moved" / "settings.toml")
    assert settings_from(asked, asked.profiles) == inputs.settings
    assert asked.corpora(None) == inputs.corpora
    assert asked.profiles == replace(PROFILES, user_settings={})
    assert asked.roster
    assert asked.roster.read_text().endswith("U1,fan,pop\n")
    assert asked.teacher_file == teacher
    told = (asked.strict, asked.device_code, asked.details, asked.audio)
    assert told == (True, "c", False, False)
    (teacher / "a").write_text("other trees")
    with pytest.raises(SettingsError, match=r"no longer the teacher .*--teacher-file"):
        _ = asked.teacher_file


def test_a_file_without_the_section_asks_for_settings_alone(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("n_clients = 3\n")
    asked = read_settings(tmp_path / "settings.toml")
    assert settings_from(asked).n_clients == 3
    assert (asked.profiles, asked.roster, asked.teacher_file) == (None, None, None)
    assert asked.corpora(None) is None
    given = [SyntheticCorpus()]
    assert asked.corpora(given) is given
    assert (asked.strict, asked.device_code, asked.details, asked.audio) == (
        *(False, "python"),
        *(True, True),
    )


def test_settings_that_profiles_would_change_stay(tmp_path: Path) -> None:
    assert PROFILES.user_settings
    asked = read_settings(written(tmp_path / "run", an_inputs()))
    assert settings_from(asked, asked.profiles) == Settings()


def plugins() -> list[tuple[str, Any]]:
    families = (("aggregator", Aggregator), ("strategy", Strategy), ("teacher", TeacherSettings))
    return [
        (section, name)
        for section, root in families
        for name in root.family.builtin
        if name != "mobilenet"  # imports what takes seconds, and is a section like others
    ]


@pytest.mark.parametrize(("section", "name"), plugins())
def test_settings_of_all_plugins_come_back(tmp_path: Path, section: str, name: str) -> None:
    try:
        settings = settings_from({section: {"name": name}})
    except SettingsError:  # it goes with certain others
        strategies = [*Strategy.family.builtin]
        settings = next(filter(None, (with_strategy(section, name, one) for one in strategies)))
    assert account(settings.aggregator, 1) is not None
    asked = read_settings(written(tmp_path / "run", an_inputs(settings)))
    assert settings_from(asked) == settings


def with_strategy(section: str, name: str, strategy: str) -> Settings | None:
    try:
        return settings_from({section: {"name": name}, "strategy": {"name": strategy}})
    except SettingsError:
        return None


def test_recordings_that_changed_or_are_gone_are_told(tmp_path: Path) -> None:
    (tmp_path / "rec").mkdir()
    (tmp_path / "rec" / "1.wav").write_bytes(b"abc")
    manifest = tmp_path / "rec" / "manifest.csv"
    manifest.write_text("path,label,type,group\n1.wav,noise,rain,1\n")
    asked = read_settings(written(tmp_path / "run", an_inputs(corpora=[read_manifest(manifest)])))
    known = asked.corpora(None)
    assert known
    assert known[0].name == str(manifest)
    other = [SyntheticCorpus()]
    with pytest.raises(CorpusError, match=r"synthetic: not what the run .* take the section run"):
        asked.corpora(other)
    shutil.move(tmp_path / "rec", tmp_path / "new")
    with pytest.raises(CorpusError, match=r"--corpus says where the recordings .* are now"):
        asked.corpora(None)
    moved = [read_manifest(tmp_path / "new" / manifest.name)]
    assert asked.corpora(moved) is moved
    (tmp_path / "new" / "1.wav").write_bytes(b"abd")
    with pytest.raises(CorpusError, match="give --corpus the same recordings as they were"):
        asked.corpora([read_manifest(tmp_path / "new" / manifest.name)])


def test_recordings_of_no_file_must_be_given(tmp_path: Path) -> None:
    asked = read_settings(written(tmp_path / "run", an_inputs(corpora=[TinyCorpus()])))
    with pytest.raises(CorpusError, match="tiny: give the same corpus again"):
        asked.corpora(None)
    assert asked.corpora([TinyCorpus()]) == [TinyCorpus()]


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("run = 3\n", lambda asked: asked),
        ("[run]\nstrict = true\n", lambda asked: asked.profiles),
        ("[run]\nstrict = true\n", lambda asked: asked.corpora(None)),
        ("[run]\ndevice_code = 'basic'\n", lambda asked: asked.device_code),
    ],
)
def test_a_damaged_section_is_told(tmp_path: Path, text: str, use: Callable[[Any], object]) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"settings\.toml"):
        use(read_settings(path))


def test_other_versions_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = written(tmp_path / "run", an_inputs())
    read_settings(path)
    assert not caplog.text
    known = path.with_name("provenance.json")
    known.write_text(known.read_text().replace('"numpy": "', '"numpy": "0.'))
    read_settings(path)
    assert "made with numpy 0." in caplog.text
    assert "scipy" not in caplog.text


def test_plugins_are_copied_with_what_stands_beside_them_and_found_in_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("loudest", "quietest"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "loudest.py").write_text(PLUGIN)
    (tmp_path / "quietest.py").write_text(BESIDE)
    inputs = an_inputs(
        settings_from({"probes": [{"name": f"{tmp_path}/loudest.py:Loudest", "least": 2.0}]})
    )
    path = written(tmp_path / "run", inputs)
    copies = path.parent / "plugins"
    assert (copies / "loudest.py").read_text() == PLUGIN
    assert (copies / "quietest.py").read_text() == BESIDE
    told = read_provenance(path.parent)["plugins"]
    assert [(one["module"], one["copy"]) for one in told] == [
        ("loudest", "plugins/loudest.py"),
        ("quietest", "plugins/quietest.py"),
    ]
    assert told[0]["file"] == str(tmp_path / "loudest.py")
    # In this process the module is there already, from a file that says the same.
    assert settings_from(read_settings(path)) == inputs.settings
    for name in ("loudest.py", "quietest.py"):
        (tmp_path / name).write_text("raise ValueError")
    # In another one it comes from the copy.
    sys.path.remove(str(tmp_path))
    for name in ("loudest", "quietest"):
        del sys.modules[name]
    probe = settings_from(read_settings(path)).probes[0]
    assert inspect.getfile(type(probe)) == str(copies / "loudest.py")
    assert as_section(probe)["least"] == 2.0
    assert inspect.getfile(sys.modules["quietest"]) == str(copies / "quietest.py")


def test_who_goes_on_is_added(tmp_path: Path) -> None:
    inputs = an_inputs()
    folder = written(tmp_path / "run", inputs).parent
    write_provenance(folder, inputs, command="fedasc run --resume run", execution=Execution())
    known = read_provenance(folder)
    first, second = known["sessions"]
    assert first["command"].startswith("Python: ")
    assert second["command"] == "fedasc run --resume run"
    assert first["versions"]["fedasc"] == second["versions"]["fedasc"]
    assert known["corpora"] == [
        {"name": "synthetic", "fingerprint": SyntheticCorpus(seed=3).fingerprint()}
    ]


def test_the_commit_is_told_of_a_checkout_and_whether_it_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        line = ["git", "-C", str(tmp_path), *who, *arguments]
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()

    monkeypatch.setattr(provenance, "ROOT", tmp_path / "fedasc")
    assert provenance.commit() == {}
    git("init")
    assert provenance.commit() == {}, "nothing is committed yet"
    (tmp_path / "fedasc").mkdir()
    (tmp_path / "fedasc" / "a.py").write_text("a = 1\n")
    git("add", ".")
    git("commit", "-m", "a")
    assert provenance.commit() == {"commit": git("rev-parse", "HEAD"), "is_changed": False}
    (tmp_path / "fedasc" / "a.py").write_text("a = 2\n")
    assert provenance.commit()["is_changed"]


@pytest.mark.parametrize("text", ["[", json.dumps({"sessions": 3})])
def test_a_damaged_provenance_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="earlier version"):
        read_provenance(tmp_path)
    (tmp_path / "provenance.json").write_text(text)
    with pytest.raises(SettingsError, match="damaged"):
        read_provenance(tmp_path)
