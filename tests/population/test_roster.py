from dataclasses import replace
from pathlib import Path

import pytest

from fedasc.audio.microphone import Microphone
from fedasc.audio.response import Response
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.parts import USER_PARTS
from fedasc.errors import CorpusError, FedascError, SettingsError
from fedasc.population.distance import distance
from fedasc.population.profile import BaselineProfile, Profiles, UserProfile
from fedasc.population.responses import Responses
from fedasc.population.roster import read_roster, write_roster
from fedasc.population.sources import SourceCounts
from fedasc.population.users import User, UserSettings, draw_users
from fedasc.seeds import Streams

TYPES = (
    *(("noise", kind) for kind in ("rain", "wind", "cars")),
    *(("music", genre) for genre in ("pop", "jazz")),
    ("speech", "read"),
)
KNOWN = Surroundings(noise_types=("rain",), genres=("pop",))
HEAD = "profile,noise_types,noise_weights,genres,genre_weights,data_set,share_noise,share_music"
HEAD += ",share_speech,share_speech_in_noise,gain_db,tilt_db,drift,distance"
GOOD = "A,rain;wind,3;1,pop,,,0.1,0.2,0.3,0.4,6,-2,0.5,0.9"


def library_of(types: tuple[tuple[str, str], ...] = TYPES) -> Library:
    """Two clips of each in each part, one of them in a data set; hum only by day."""
    rows = [
        (part, label, "", kind, sets)
        for part in ("train", *USER_PARTS)
        for label, kind in types
        for sets in ((), ("small",) if kind != "cars" else ())
    ]
    return Library(*zip(*rows, ("aggregation", "noise", "", "hum", ()), strict=True))


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "users.csv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding=encoding)
    return path


def read(path: Path, library: Library | None = None) -> tuple[User, ...]:
    return read_roster(path, library=library or library_of(), known=KNOWN, streams=Streams(8))


def there_and_back(
    folder: Path, profiles: dict[str, UserProfile], library: Library
) -> tuple[tuple[User, ...], tuple[User, ...]]:
    """Users as they were drawn, and as they come back from a roster."""
    baseline = BaselineProfile(noise=("rain",), music=("pop",))
    users = draw_users(
        Profiles(where="here", baseline=baseline, users=profiles),
        30,
        library=library,
        settings=UserSettings(
            tilt_spread_db=3,
            drift=0.2,
            familiarity=0.3,
            n_sources=SourceCounts(noise=1, speech=2),
        ),
        streams=Streams(8),
    )
    write_roster(folder / "users.csv", users)
    return tuple(users), read(folder / "users.csv", library)


def test_drawn_users_come_back_as_they_were(tmp_path: Path) -> None:
    profiles = {
        "A": UserProfile(noise={"*": 2}, music=("*",), concentration=0.1),
        "B, the\rsecond": UserProfile(noise={"wind": 1}, music=("jazz",)),
        "C": UserProfile(noise={"*": 5}, music=("*",), concentration=500, data_set="small"),
    }
    users, again = there_and_back(tmp_path, profiles, library_of())
    assert again == users


def test_types_with_spaces_in_their_names_come_back_too(tmp_path: Path) -> None:
    library = library_of((("noise", "rain"), ("noise", "hair dryer"), ("music", "pop")))
    users, again = there_and_back(
        tmp_path, {"A": UserProfile(noise={"*": 2}, music=("pop",))}, library
    )
    assert again == users


def test_a_file_by_hand_needs_three_columns(tmp_path: Path) -> None:
    lines = ["genres,profile,noise_types", "pop;jazz,me, wind ; rain;", "jazz,you,cars"]
    path = written(tmp_path, *lines, encoding="utf-8-sig")
    me, you = read(path)
    heard = Surroundings(noise_types=("wind", "rain"), genres=("pop", "jazz"))
    even = (0.25, 0.25, 0.25, 0.25)
    assert me == User(
        index=0,
        profile="me",
        surroundings=heard,
        shares=even,
        microphone=Microphone(),
        drift=0.0,
        distance=distance(heard, even, KNOWN, library_of()),
    )
    assert (you.index, you.profile, you.distance) == (1, "you", 0.75)


def test_each_column_is_read(tmp_path: Path) -> None:
    line = GOOD.replace("pop,,,", "pop;jazz,1;4,small,")
    (user,) = read(written(tmp_path, HEAD, line))
    assert user.surroundings == Surroundings(
        noise_types=("rain", "wind"),
        noise_weights=(3.0, 1.0),
        genres=("pop", "jazz"),
        genre_weights=(1.0, 4.0),
        data_set="small",
    )
    assert user.shares == (0.1, 0.2, 0.3, 0.4)
    assert user.microphone == Microphone(gain_db=6, tilt_db=-2)
    assert user.drift == 0.5
    assert (user.familiarity, user.n_sources) == (0.0, SourceCounts())
    more = [f"{HEAD},familiarity,n_noise_sources,n_speech_sources", f"{line},0.25,3,"]
    (user,) = read(written(tmp_path, *more))
    assert (user.familiarity, user.n_sources) == (0.25, SourceCounts(noise=3))


@pytest.mark.parametrize(
    ("familiarity", "n_sources", "reason"),
    [
        ("1.5", "", "familiarity must lie between 0 and 1, got 1.5"),
        ("0.5", "0", "noise must be at least 1, got 0"),
        ("0.5", "2.5", "n_noise_sources must be a whole number, got '2.5'"),
        ("0.5", "nan", "n_noise_sources must be a whole number, got 'nan'"),
        ("0.5", "all", "n_noise_sources must be numbers, got 'all'"),
    ],
)
def test_sources_that_cannot_be_used_are_named(
    familiarity: str, n_sources: str, reason: str, tmp_path: Path
) -> None:
    lines = [f"{HEAD},familiarity,n_noise_sources", f"{GOOD},{familiarity},{n_sources}"]
    path = written(tmp_path, *lines)
    with pytest.raises(SettingsError, match=reason) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}, line 2: ")


def test_a_spreadsheet_may_write_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    (expected,) = read(written(tmp_path, HEAD, GOOD.replace("3;1", "3.5;1")))
    cells = GOOD.replace("rain;wind,3;1", '"rain;wind","3.5;1"').split(",")
    lines = [HEAD.replace(",", ";"), ";".join(cells).replace(".", ",")]
    assert read(written(tmp_path, *lines)) == (expected,)
    assert expected.shares[0] == 0.1
    assert expected.surroundings.noise_weights == (3.5, 1.0)


def test_the_distance_is_computed_anew(tmp_path: Path) -> None:
    (user,) = read(written(tmp_path, HEAD, GOOD))
    assert user.distance == pytest.approx((0.1 + 0.4) * 0.25)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "lacks the column"),
        ([HEAD], "lists no users"),
        (["profile,genres", "A,pop"], r"lacks the column\(s\) noise_types and"),
        (["profile|noise_types|genres", "A|rain|pop"], "lacks the column"),
        ([f"{HEAD},gain", f"{GOOD},3"], "unknown ones, gain; known are profile, noise_types"),
    ],
)
def test_a_file_without_the_right_columns_is_named(
    lines: list[str], reason: str, tmp_path: Path
) -> None:
    path = written(tmp_path, *lines)
    with pytest.raises(SettingsError, match=reason) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.csv: no such file"):
        read(tmp_path / "none.csv")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, GOOD.replace("A", "Jörg"), encoding="latin-1")
    with pytest.raises(SettingsError, match=r"users\.csv: .*UTF-8"):
        read(path)


@pytest.mark.parametrize(
    ("good", "bad", "reason"),
    [
        ("3;1", "3", "each type of noise one weight above 0, or none"),
        ("3;1", "3;1;2", "each type of noise one weight above 0, or none"),
        ("3;1", "3;0", "each type of noise one weight above 0, or none"),
        ("3;1", "3;-1", "each type of noise one weight above 0, or none"),
        ("3;1", "3;nan", "each type of noise one weight above 0, or none"),
        ("3;1", "3;inf", "each type of noise one weight above 0, or none"),
        ("pop,,", "pop,1;2,", "each type of music one weight above 0, or none"),
        ("3;1", "3;many", "noise_weights must be numbers, got '3;many'"),
        ("3;1", "3 1", "noise_weights must be numbers, got '3 1'"),
        ("0.1,", "0.2,", "shares of the 4 scenes must add up to 1"),
        ("0.1,", ",", "shares of the 4 scenes must add up to 1"),
        ("0.1,0.2", "0.4,-0.1", "shares of the 4 scenes must add up to 1"),
        ("0.1,", "nan,", "shares of the 4 scenes must add up to 1"),
        ("0.1,", "tenth,", "share_noise must be numbers, got 'tenth'"),
        (",6,", ",101,", "gain_db must lie between -100 and 100, got 101"),
        (",6,", ",6 dB,", "gain_db must be numbers, got '6 dB'"),
        (",6,", ",6;7,", "gain_db must be one number, got '6;7'"),
        (",-2,", ",-25,", "tilt_db must lie between -24 and 24, got -25"),
        ("0.5,0.9", "1.5,0.9", "drift must lie between 0 and 1, got 1.5"),
        ("A", "", "give profile, noise_types, genres, and no more cells than columns"),
        ("rain;wind,3;1", ",", "give profile, noise_types, genres, and no more"),
        ("rain;wind,3;1", " ; ,", "give .*noise"),
        ("pop", " ", "give profile, noise_types, genres, and no more"),
        ("pop", ";", "give .*genres"),
        ("0.5,0.9", "0.5,0.9,", "no more cells than columns"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(
    good: str, bad: str, reason: str, tmp_path: Path
) -> None:
    assert good in GOOD
    path = written(tmp_path, HEAD, GOOD, GOOD.replace(good, bad, 1), GOOD)
    with pytest.raises(SettingsError, match=reason) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert "\n" not in str(caught.value)


RESPONSES = Responses(each=(Response(name="dull", taps=(0.5, 0.5)),))
DEVICES = replace(library_of(), microphones=("a",) * len(library_of().parts))


def test_microphones_come_back_as_they_were(tmp_path: Path) -> None:
    base = read(written(tmp_path, HEAD, GOOD, GOOD))
    (dull,) = RESPONSES.each
    microphones = [
        Microphone(
            gain_db=1 / 3, response=dull, self_noise_db_spl=20 / 3, calibration_db_spl=0.1e3
        ),
        Microphone(clipping_db_spl=100.0),
    ]
    users = tuple(
        replace(
            user,
            microphone=microphone,
            surroundings=replace(user.surroundings, microphone="a" * (not user.index)),
        )
        for user, microphone in zip(base, microphones, strict=True)
    )
    path = tmp_path / "users.csv"
    write_roster(path, users)
    again = read_roster(path, library=DEVICES, known=KNOWN, streams=Streams(8), responses=RESPONSES)
    assert again == users
    with pytest.raises(SettingsError, match=r"line 2: no response 'dull' .*users.responses"):
        read(path, DEVICES)


def test_columns_that_nobody_needs_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    (user,) = read(written(tmp_path, HEAD, GOOD))
    write_roster(path, [user])
    usual = path.read_text().splitlines()[0]
    assert usual.endswith("n_speech_sources,distance")
    write_roster(path, [replace(user, microphone=Microphone(self_noise_db_spl=0.0))])
    assert path.read_text().splitlines()[0] == f"{usual},self_noise_db_spl"
    (again,) = read(path)
    assert again.microphone == Microphone(self_noise_db_spl=0.0)


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("microphone", "b", "no noise 'rain' recorded by 'b' both to hear"),
        ("response", "odd", "no response 'odd'"),
        ("self_noise_db_spl", "quiet", "self_noise_db_spl must be numbers"),
        ("self_noise_db_spl", "nan", "self_noise_db_spl must lie between"),
        ("clipping_db_spl", "30", "clipping_db_spl must lie between"),
        ("calibration_db_spl", "30;40", "calibration_db_spl must be one number"),
    ],
)
def test_a_microphone_that_cannot_be_is_named(
    column: str, cell: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(FedascError, match=rf"users\.csv, line 2: .*{reason}"):
        read(written(tmp_path, f"{HEAD},{column}", f"{GOOD},{cell}"), DEVICES)


@pytest.mark.parametrize(
    ("good", "bad", "reason"),
    [
        ("wind", "moon", "the corpus has no noise 'moon' both to hear and to evaluate on"),
        ("wind", "pop", "the corpus has no noise 'pop' both"),
        ("wind", "hum", "the corpus has no noise 'hum' both"),
        ("pop", "polka", "the corpus has no music 'polka' both"),
        ("pop,,", "pop,,tiny", "the corpus has no noise 'rain' both"),
        ("wind,3;1,pop,,", "cars,3;1,pop,,small", "the corpus has no noise 'cars' both"),
    ],
)
def test_what_the_corpus_lacks_is_named(good: str, bad: str, reason: str, tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, GOOD, GOOD.replace(good, bad, 1))
    with pytest.raises(CorpusError, match=reason) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")


def test_a_line_with_too_many_cells_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "profile,noise_types,genres", "A,rain,pop,jazz")
    with pytest.raises(FedascError, match=r"users\.csv, line 2: "):
        read(path)
