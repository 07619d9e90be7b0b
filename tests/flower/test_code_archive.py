import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

import fedasc
from fedasc.errors import RunError
from fedasc.flower.code_archive import write_code_archive


def test_what_is_loaded_from_files_travels_with_fedasc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plugins"
    (folder / "together" / "data").mkdir(parents=True)
    (folder / "together" / "__pycache__").mkdir()
    (folder / "together" / "__pycache__" / "x.pyc").touch()
    (folder / "together" / ".hidden").touch()
    (folder / "together" / "__init__.py").touch()
    (folder / "together" / "later.py").write_text("NUMBER = 5\n")
    (folder / "together" / "data" / "numbers.txt").write_text("5")
    (folder / "alone_in_a_file.py").write_text("import together\n")
    (folder / "never_asked_for.py").touch()
    monkeypatch.syspath_prepend(str(folder))
    __import__("alone_in_a_file")
    try:
        write_code_archive(tmp_path / "code.zip")
        write_code_archive(tmp_path / "again.zip")
    finally:
        for name in ("alone_in_a_file", "together"):
            del sys.modules[name]
    assert (tmp_path / "code.zip").read_bytes() == (tmp_path / "again.zip").read_bytes()

    names = set(ZipFile(tmp_path / "code.zip").namelist())
    assert {name for name in names if name.startswith("together")} == {
        "together/__init__.py",
        "together/later.py",
        "together/data/numbers.txt",
    }
    assert {"alone_in_a_file.py", "fedasc/night.py", "fedasc/py.typed"} <= names
    assert {name for name in names if name.startswith("fedasc/teachers/")}
    assert "tests/worlds.py" in names  # as any package that isn't installed
    assert not {name.partition("/")[0] for name in names} & {"numpy", "ray", "json", "pytest"}
    assert "never_asked_for.py" not in names

    ZipFile(tmp_path / "code.zip").extractall(tmp_path / "there")
    code = "import alone_in_a_file, together.later, fedasc.seeds; print(fedasc.seeds.__file__)"
    there = tmp_path / "there"
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(there)}, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == str(there / "fedasc" / "seeds.py")


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fedasc.flower.code_archive._MOST_BYTES", 1_000_000)
    with pytest.raises(RunError, match=rf"MB, too much to send .*{Path(fedasc.__file__).parent}"):
        write_code_archive(tmp_path / "code.zip")
