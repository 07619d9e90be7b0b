import re
from pathlib import Path

import pytest

from fedasc.audio.response import Response
from fedasc.errors import SettingsError
from fedasc.plugins import as_section
from fedasc.population.responses import Responses, read_responses
from fedasc.population.users import UserSettings
from fedasc.settings import Settings, settings_of

FRONT = Response(name="front", hz=(100.0, 1000.0, 5000.0), db=(-6.0, 0.0, 3.0))
BACK = Response(name="the back", hz=FRONT.hz, db=(-1.0, 0.5, -9.0))
SHORT = Response(name="short", taps=(1.0, 0.25))
SECTION = Response(name="section", biquads=((1.0, 0.5, 0.0, 1.0, -0.1, 0.0),))

TOML = """
[front]
hz = [100, 1000, 5000]
db = [-6, 0, 3.0]
[short]
taps = [1, 0.25]
[section]
biquads = [[1, 0.5, 0, 1, -0.1, 0]]
"""
CSV = "hz, front,the back\n100,-6,-1\n\n1e3,0,0.5\n5000,3,-9\n"


def written(folder: Path, text: str, suffix: str) -> Path:
    path = folder / f"responses{suffix}"
    path.write_text(text, encoding="utf-8-sig" if suffix == ".csv" else "utf-8")
    return path


def test_responses_are_read_from_both_kinds_of_files(tmp_path: Path) -> None:
    assert read_responses(written(tmp_path, TOML, ".toml")).each == (FRONT, SHORT, SECTION)
    assert read_responses(written(tmp_path, CSV, ".csv")).each == (FRONT, BACK)
    assert read_responses(written(tmp_path, CSV, ".csv")).named("the back") == BACK
    european = CSV.replace("0.5", "0,5").replace("hz, front,the", "hz;front;the")
    european = "\n".join(
        line if ";" in line else line.replace(",", ";", 2) for line in european.splitlines()
    )
    assert read_responses(written(tmp_path, european, ".csv")).each == (FRONT, BACK)


def test_settings_hold_what_stood_in_the_file_whatever_becomes_of_it(tmp_path: Path) -> None:
    path = written(tmp_path, TOML, ".toml")
    settings = settings_of({"users": {"responses": str(path)}}, where="here")
    path.unlink()
    assert settings == Settings(
        users=UserSettings(responses=Responses(each=(FRONT, SHORT, SECTION)))
    )
    assert settings_of(as_section(settings), where="here") == settings
    assert hash(settings)


@pytest.mark.parametrize(
    ("suffix", "text", "reason"),
    [
        (".toml", "", "has no response"),
        (".toml", "a = 3", "expected sections with hz and db, taps, or biquads"),
        (".toml", "[a]\nname = 'b'\ntaps = [1]", "expected sections with"),
        (".toml", "[a]\ntaps = 3", r"\[a\]\.taps: expected a list"),
        (".toml", "[a]\ntap = [3]", r"\[a\]: unknown setting 'tap'; did you mean 'taps'"),
        (".toml", "[a]\nhz = [1, 2]\ndb = [3]", r"\[a\]: response 'a': hz must rise"),
        (".csv", "", "the first line must be hz and"),
        (".csv", "f,a\n1,2\n", "the first line must be hz and"),
        (".csv", "hz,a,a\n1,2,3\n", "names the column a twice"),
        (".csv", "hz,a\n", "has no line below the first"),
        (".csv", "hz,a\n100,2\n200\n", "line 3: must have a number for each of hz, a"),
        (".csv", "hz,a\n100,2,3\n", "line 2: .*more cells than columns"),
        (".csv", "hz,a\n100,loud\n", "line 2: .*could not convert string to float: 'loud'"),
        (".csv", "hz,a\n100,nan\n", "every number must be finite"),
        (".csv", 'hz,a\n"100,2\n', "must have a number for each of hz, a"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_line(
    suffix: str, text: str, reason: str, tmp_path: Path
) -> None:
    path = written(tmp_path, text, suffix)
    with pytest.raises(SettingsError, match=reason) as caught:
        read_responses(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for suffix in (".csv", ".toml"):
        with pytest.raises(SettingsError, match="no such file"):
            read_responses(tmp_path / f"none{suffix}")
    with pytest.raises(SettingsError, match=r"here.users.responses: expected the path of a TOML"):
        settings_of({"users": {"responses": 3}}, where="here")


def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(SettingsError, match=r"no response 'side' .* it has front, short"):
        Responses(each=(FRONT, SHORT)).named("side")
    with pytest.raises(SettingsError, match=r"no response 'side' .*, which isn't set"):
        Responses().named("side")
    with pytest.raises(SettingsError, match="'front' stands there twice"):
        Responses(each=(FRONT, SHORT, FRONT))


@pytest.mark.parametrize(("suffix", "names"), [(".csv", 2), (".toml", 3)])
def test_the_examples_of_the_documentation_are_read(
    suffix: str, names: int, tmp_path: Path
) -> None:
    text = Path("docs/microphones.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"```{suffix[1:]}\n(.*?)```", text, flags=re.DOTALL)
    assert len(read_responses(written(tmp_path, block, suffix)).each) == names
