from pathlib import Path

import pytest

from fedasc.corpus.vocabulary import SoundType, Vocabulary, read_vocabulary, shipped_data_sets
from fedasc.errors import SettingsError

GOOD = """
[noise.home]
fan = "/m/1"
dishes = "/m/2"
[noise.town]
bus = "/m/3"
[music]
pop = "/m/4"
jazz = "/m/5"
"""


def read(folder: Path, text: str = GOOD) -> Vocabulary:
    (folder / "sets.toml").write_text(text)
    return read_vocabulary(folder / "sets.toml")


def test_types_are_what_the_file_says(tmp_path: Path) -> None:
    assert read(tmp_path).types == (
        SoundType(name="fan", label="noise", domain="home", mid="/m/1"),
        SoundType(name="dishes", label="noise", domain="home", mid="/m/2"),
        SoundType(name="bus", label="noise", domain="town", mid="/m/3"),
        SoundType(name="pop", label="music", domain="", mid="/m/4"),
        SoundType(name="jazz", label="music", domain="", mid="/m/5"),
    )


def test_the_shipped_file_has_the_papers_numbers_of_types() -> None:
    types = read_vocabulary(shipped_data_sets()).types
    assert sum(kind.label == "noise" for kind in types) == 46
    assert sum(kind.domain == "domestic" for kind in types) == 13
    assert {kind.domain for kind in types} == {"domestic", "nature", "urban", ""}
    assert sum(kind.label == "music" for kind in types) == 11


@pytest.mark.parametrize(
    ("names", "label", "types"),
    [
        (["home"], "noise", ("fan", "dishes")),
        (["bus", "fan"], "noise", ("fan", "bus")),
        (["town", "dishes", "home", "dishes"], "noise", ("fan", "dishes", "bus")),
        (["jazz"], "music", ("jazz",)),
        ([], "music", ()),
    ],
)
def test_names_mean_types_or_whole_domains_in_the_order_of_the_file(
    names: list[str], label: str, types: tuple[str, ...], tmp_path: Path
) -> None:
    assert read(tmp_path).named(names, label=label, where="here") == types


@pytest.mark.parametrize(
    ("name", "label", "known"),
    [("moon", "noise", "bus, dishes, fan, home, town"), ("fan", "music", "jazz, pop")],
)
def test_an_unknown_name_is_refused_with_the_known_ones(
    name: str, label: str, known: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=f"here: no {label} '{name}'; known are {known}"):
        read(tmp_path).named([name], label=label, where="here")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", r"expected the sections \[noise.DOMAIN\] and \[music\]"),
        ("noise = 3\n[music]\npop = '1'", "expected the sections"),
        ("[noise.home]\nfan = '1'", "expected the sections"),
        ("[noise]\nfan = '1'\n[music]\npop = '2'", "expected the sections"),
        ("[noise.home]\n[music]\npop = '2'", "expected the sections"),
        ("[noise.home]\nfan = '1'\n[music]", "expected the sections"),
        (GOOD.replace("bus", "fan"), "name 'fan' must be a text and stand for one type only"),
        (GOOD.replace("jazz", "bus"), "name 'bus' must be"),
        (GOOD.replace("/m/5", "/m/1"), "mid '/m/1' must be a text and stand for one type only"),
        (GOOD.replace('"/m/5"', "5"), "mid 5 must be a text"),
        ("[noise", "not a TOML file"),
        (GOOD.replace("bus", '"bus; tram"'), "name of a type must not hold ';'"),
        (
            GOOD.replace("jazz", r'"ja\rzz"'),
            r"name of a type must be a line of UTF-8, got 'ja\\rzz'",
        ),
        (GOOD.replace("jazz", '" "'), "name of a type must not be blank"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=reason) as caught:
        read(tmp_path, text)
    assert str(tmp_path / "sets.toml") in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: no such file"):
        read_vocabulary(tmp_path / "none.toml")
