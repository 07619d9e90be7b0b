import shutil
from pathlib import Path

import pytest

import fedasc
from fedasc.study import code


@pytest.mark.parametrize(
    ("file", "matters"),
    [
        ("models/training_kernel.py", True),
        ("study/point.py", True),
        ("comparison/outcome.py", True),
        ("seeds.py", True),
        ("report/plots.py", False),
        ("cli/terminal.py", False),
    ],
)
def test_changes_with_code_that_makes_numbers(
    file: str, matters: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = code.code_fingerprint.__wrapped__()
    assert before == code.code_fingerprint.__wrapped__()
    copy = tmp_path / "fedasc"
    shutil.copytree(Path(fedasc.__file__).parent, copy)
    monkeypatch.setattr(fedasc, "__file__", str(copy / "__init__.py"))
    assert code.code_fingerprint.__wrapped__() == before
    with (copy / file).open("a") as source:
        source.write("\n")
    assert (code.code_fingerprint.__wrapped__() != before) == matters


def test_changes_with_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code.code_fingerprint.__wrapped__()
    monkeypatch.setattr(code, "version", lambda library: "99")
    assert code.code_fingerprint.__wrapped__() != before
