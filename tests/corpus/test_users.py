from collections.abc import Mapping
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import fedasc.corpus.profiles
from fedasc.corpus.library import Library
from fedasc.corpus.users import (
    USER_PARTS,
    Profiles,
    User,
    UserSettings,
    draw_users,
    read_profiles,
)
from fedasc.errors import CorpusError, FedascError, SettingsError
from fedasc.seeds import Streams

SHIPPED = Path(fedasc.corpus.profiles.__file__).parent

KINDS = {
    "noise": {f"{d}{n}": d for d in ("home", "woods", "town") for n in range(6)} | {"hum": ""},
    "music": {"pop": "", "jazz": "", "rock": ""},
    "speech": {"read": ""},
}

BASELINE = '[baseline]\nnoise = ["home"]\nmusic = ["pop"]\n'
GOOD = (
    BASELINE
    + '[users.A]\nnoise = { home = 3, hum = 1 }\nmusic = ["pop", "rock"]\n'
    + '[users.B]\nnoise = { woods = 20 }\nmusic = ["jazz"]\n'
)


def library_of(
    parts: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
) -> Library:
    """All kinds with a clip in each part, or in these parts."""
    rows = [
        (part, label, domain, kind)
        for label, kinds in KINDS.items()
        for kind, domain in kinds.items()
        for part in (parts or {}).get((label, kind), ("train", *USER_PARTS))
    ]
    return Library(*zip(*rows, strict=True))


def written(folder: Path, text: str) -> Path:
    path = folder / "profiles.toml"
    path.write_text(text)
    return path


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return read_profiles(written(tmp_path, GOOD))


def drawn(
    profiles: Profiles,
    n_users: int,
    *,
    library: Library | None = None,
    settings: UserSettings | None = None,
    seed: int = 1,
) -> tuple[User, ...]:
    return draw_users(
        profiles,
        n_users,
        library=library or library_of(),
        settings=settings or UserSettings(),
        streams=Streams(seed),
    )


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.name)
def test_shipped_profiles_can_be_read(path: Path) -> None:
    profiles = read_profiles(path)
    assert set(profiles.users) == {"U1", "U2", "U3", "U4"}
    assert profiles.baseline.noise == ("domestic",)
    assert profiles.users["U3"].noise.keys() == {"nature"}
    assert not set(profiles.users["U4"].music) & set(profiles.baseline.music)


def test_profiles_are_what_the_file_says(profiles: Profiles, tmp_path: Path) -> None:
    assert profiles.where == str(tmp_path / "profiles.toml")
    assert profiles.baseline.noise == ("home",)
    assert profiles.baseline.music == ("pop",)
    assert profiles.users["A"].noise == {"home": 3, "hum": 1}
    assert profiles.users["A"].music == ("pop", "rock")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "baseline.* and at least one .*users"),
        ("[baseline", "not a TOML file"),
        (BASELINE, "at least one .*users.NAME"),
        (BASELINE + "[users]", "at least one .*users.NAME"),
        ("users = 3\n" + BASELINE, "at least one .*users.NAME"),
        (GOOD.replace(BASELINE, ""), "expected the sections .*baseline"),
        (GOOD + "[user.C]", "expected the sections"),
        (BASELINE + "[users]\nA = 3", r"\[users.A\]: expected the keys noise and music"),
        (BASELINE + "[users.A]\nnoise = { home = 1 }", r"\[users.A\]: .*noise and music"),
        ("baseline = 3\n" + GOOD.replace(BASELINE, ""), r"\[baseline\]: .*noise and music"),
        (GOOD + "genre = []", r"\[users.B\]: unknown setting 'genre'"),
        (GOOD + "musics = []", r"\[users.B\]: .*'musics'; did you mean 'music'"),
        (GOOD.replace("hum = 1", "hum = 0"), "count from 1 up"),
        (GOOD.replace("hum = 1", "hum = -1"), "count from 1 up"),
        (GOOD.replace("hum = 1", "hum = 1.5"), "noise: expected int"),
        (GOOD.replace("hum = 1", "hum = true"), "noise: expected int"),
        (GOOD.replace("hum = 1", 'hum = "one"'), "noise: expected int"),
        (GOOD.replace("{ woods = 20 }", "{}"), "count from 1 up"),
        (GOOD.replace("{ woods = 20 }", '["woods"]'), "noise"),
        (GOOD.replace('["jazz"]', '"jazz"'), "music"),
        (GOOD.replace('["jazz"]', "[1]"), "music"),
        (GOOD.replace('["home"]', "{ home = 3 }"), r"\[baseline\].*noise"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(text: str, reason: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError, match=reason) as caught:
        read_profiles(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: no such file; give the path"):
        read_profiles(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("good", "bad"),
    [("woods", "moon"), ("home = 3", "pop = 3"), ('"jazz"', '"polka"'), ('"jazz"', '"home"')],
)
def test_what_the_corpus_lacks_is_named_with_file_and_cure(
    good: str, bad: str, tmp_path: Path
) -> None:
    path = written(tmp_path, GOOD.replace(good, bad))
    with pytest.raises(CorpusError, match=r"the corpus has no .* it has .*--profiles") as caught:
        drawn(read_profiles(path), 1)
    assert f"{path}, [users." in str(caught.value)


@pytest.mark.parametrize("part", USER_PARTS)
def test_a_profile_of_nothing_to_hear_or_evaluate_on_is_refused(
    part: str, profiles: Profiles
) -> None:
    library = library_of({("noise", "hum"): ("train", part)})
    with pytest.raises(CorpusError, match=r"\[users.A\]: no type of hum has recordings both"):
        drawn(profiles, 2, library=library)


def test_users_take_the_profiles_in_turn(profiles: Profiles) -> None:
    users = drawn(profiles, 5)
    assert [user.profile for user in users] == ["A", "B", "A", "B", "A"]
    assert [user.index for user in users] == list(range(5))


def test_a_user_hears_what_her_profile_says(profiles: Profiles) -> None:
    a, b = drawn(profiles, 2)
    assert len(a.noise_types) == 4
    assert "hum" in a.noise_types
    assert all(kind == "hum" or kind.startswith("home") for kind in a.noise_types)
    assert set(a.genres) == {"pop", "rock"}
    assert set(b.noise_types) == {f"woods{n}" for n in range(6)}
    assert b.genres == ("jazz",)


def test_users_of_a_profile_differ(profiles: Profiles) -> None:
    users = drawn(profiles, 40)[::2]
    assert len({user.noise_types for user in users}) > 10
    assert len({user.gain_db for user in users}) == 20
    assert len({user.shares for user in users}) == 20


def test_a_user_is_the_same_among_any_number(profiles: Profiles) -> None:
    many = drawn(profiles, 20)
    assert drawn(profiles, 7) == many[:7]
    assert drawn(profiles, 20, seed=2)[0].shares != many[0].shares


def test_users_hear_only_what_has_recordings_to_hear_and_to_evaluate_on(
    profiles: Profiles,
) -> None:
    lacking = {
        ("noise", "home0"): ("aggregation",),
        ("noise", "home1"): ("evaluation", "train"),
        ("noise", "woods2"): ("train", "validation"),
        ("music", "rock"): ("aggregation", "validation"),
    }
    users = drawn(profiles, 60, library=library_of(lacking))
    heard = {kind for user in users for kind in (*user.noise_types, *user.genres)}
    usable = {f"{d}{n}" for d, n in product(("home", "woods"), range(6))} | {"hum", "pop", "jazz"}
    assert heard == usable - {"home0", "home1", "woods2"}


def test_shares_and_gain_spread_as_set(profiles: Profiles) -> None:
    """A Dirichlet share of mean 1/4 at 4c has variance (1/4 · 3/4) / (4c + 1)."""
    settings = UserSettings(share_concentration=5, gain_spread_db=4)
    users = drawn(profiles, 2000, settings=settings)
    shares = np.array([user.shares for user in users])
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares.mean(axis=0), 0.25, atol=0.01)
    np.testing.assert_allclose(shares.std(axis=0), np.sqrt(0.1875 / 21), rtol=0.06)
    gains = np.array([user.gain_db for user in users])
    assert gains.mean() == pytest.approx(0, abs=0.3)
    assert gains.std() == pytest.approx(4, rel=0.06)


def test_no_spread_gives_every_microphone_the_same_gain(profiles: Profiles) -> None:
    users = drawn(profiles, 5, settings=UserSettings(gain_spread_db=0))
    assert {user.gain_db for user in users} == {0.0}


@pytest.mark.parametrize("key", ["share_concentration", "gain_spread_db"])
@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_spread_that_is_none_is_refused(key: str, value: float) -> None:
    with pytest.raises(SettingsError, match=key):
        UserSettings(**{key: value})


def test_a_concentration_of_zero_is_refused() -> None:
    with pytest.raises(SettingsError, match="share_concentration"):
        UserSettings(share_concentration=0)


def test_a_profile_without_any_music_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace('["jazz"]', "[]"))
    with pytest.raises(FedascError, match=r"\[users.B\]"):
        drawn(read_profiles(path), 1)
