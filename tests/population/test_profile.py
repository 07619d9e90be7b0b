from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path

import numpy as np
import pytest

import fedasc.population.profiles
from fedasc.audio import FloatArray
from fedasc.config import from_mapping
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.parts import PARTS, SERVER_PARTS, USER_PARTS
from fedasc.corpus.recordings import Recording
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.errors import CorpusError, SettingsError
from fedasc.population.dirichlet import drawn_shares
from fedasc.population.profile import (
    BaselineProfile,
    Profiles,
    UserProfile,
    find_profiles,
    read_profiles,
    suitable_profiles,
)
from fedasc.population.sources import SourceCounts
from fedasc.population.users import User, UserSettings, draw_users
from fedasc.scenes import Scene
from fedasc.seeds import Purpose, Streams
from tests.worlds import TinyCorpus

SHIPPED = Path(fedasc.population.profiles.__file__).parent
BASELINE = '[baseline]\nnoise = ["home"]\nmusic = ["pop"]\n'
GOOD = (
    BASELINE
    + '[users.A]\nnoise = { home = 3, hum = 1 }\nmusic = ["pop", "rock"]\n'
    + '[users.B]\nnoise = { woods = 20 }\nmusic = ["jazz"]\n'
)
SURROUNDINGS = (
    *(("noise", domain, f"{domain}{n}") for domain in ("home", "woods") for n in range(6)),
    *(("music", "", genre) for genre in ("pop", "jazz", "rock")),
    ("speech", "", "read"),
)


def library_of(sets: Mapping[str, tuple[str, ...]] | None = None) -> Library:
    """A clip of each type in each part, those of some types in data sets."""
    rows = [
        (part, label, domain, kind, (sets or {}).get(kind, ()))
        for part in ("train", *USER_PARTS)
        for label, domain, kind in SURROUNDINGS
    ]
    return Library(*zip(*rows, strict=True))


def drawn(profile: UserProfile, n_users: int, library: Library | None = None) -> tuple[User, ...]:
    baseline = BaselineProfile(noise=("home",), music=("pop",))
    users = draw_users(
        Profiles(where="here", baseline=baseline, users={"A": profile}),
        n_users,
        library=library or library_of(),
        settings=UserSettings(),
        streams=Streams(3),
    )
    return tuple(users)


def written(folder: Path, text: str) -> Path:
    path = folder / "profiles.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.name)
def test_shipped_profiles_can_be_read_by_name(path: Path) -> None:
    profiles = find_profiles(path.stem)
    assert profiles == read_profiles(path)
    assert profiles.baseline.noise == (("*half",) if path.stem == "auto" else ("domestic",))


@pytest.mark.parametrize("name", ["recordings", "synthetic"])
def test_shipped_users_live_ever_further_from_the_baseline(name: str) -> None:
    profiles = find_profiles(name)
    noise = {user: set(profile.noise) for user, profile in profiles.users.items()}
    assert noise == {
        "U1": {"domestic"},
        "U2": {"domestic", "nature"},
        "U3": {"nature"},
        "U4": {"urban"},
    }
    assert not set(profiles.users["U4"].music) & set(profiles.baseline.music)


def test_what_comes_along_suits_the_corpus() -> None:
    for embedded, wide, own in (
        (False, "recordings", "own"),
        (True, "synthetic", "own_synthetic"),
    ):
        assert find_profiles("wide", embedded=embedded) == find_profiles(wide)
        assert find_profiles("own", embedded=embedded) == find_profiles(own)
        assert find_profiles(own).baseline == find_profiles(wide).baseline
        assert find_profiles("dirichlet", embedded=embedded) == find_profiles("dirichlet")


def test_who_lives_in_a_world_of_her_own_brings_settings_along() -> None:
    assert not find_profiles("wide").user_settings
    for embedded in (False, True):
        profiles = find_profiles("own", embedded=embedded)
        assert from_mapping(UserSettings, profiles.user_settings, where="here") == UserSettings(
            share_concentration=2.0,
            tilt_spread_db=2.0,
            n_sources=SourceCounts(noise=6, music=6, speech=3),
        )


@pytest.mark.parametrize("text", ["[settings.nights]\nn_nights = 2", "settings = 3", "[settings]"])
def test_other_settings_have_no_place_in_profiles(text: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{text}\n{GOOD}")
    with pytest.raises(SettingsError, match=r"\[settings.users\] alone; the others belong into"):
        read_profiles(path)


def test_any_other_name_is_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    assert find_profiles(str(path)) == read_profiles(path)
    with pytest.raises(SettingsError, match="recording: no such file; give the path"):
        find_profiles("recording")


def test_profiles_are_what_the_file_says(tmp_path: Path) -> None:
    more = GOOD + 'data_set = "U2"\nconcentration = 10\n'
    profiles = read_profiles(written(tmp_path, more.replace("= 20", "= 2")))
    assert profiles.where == str(tmp_path / "profiles.toml")
    assert profiles.baseline == BaselineProfile(noise=("home",), music=("pop",))
    assert profiles.users == {
        "A": UserProfile(noise={"home": 3, "hum": 1}, music=("pop", "rock")),
        "B": UserProfile(noise={"woods": 2}, music=("jazz",), data_set="U2", concentration=10.0),
    }
    assert profiles.users["A"].concentration == inf


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
        (GOOD.replace("hum = 1", "hum = 1.5"), "noise must give .* or a share between 0 and 1"),
        (GOOD.replace("hum = 1", "hum = nan"), "noise must give .* or a share between 0 and 1"),
        (GOOD.replace("hum = 1", "hum = inf"), "noise must give .* or a share between 0 and 1"),
        (GOOD.replace('["jazz"]', "{ jazz = 0 }"), "music must give .* a count from 1 up"),
        (GOOD.replace('["jazz"]', "{}"), "music must give"),
        (GOOD.replace("hum = 1", "hum = true"), "noise: expected int"),
        (GOOD.replace("hum = 1", 'hum = "one"'), "noise: expected int"),
        (GOOD.replace("{ woods = 20 }", "{}"), "count from 1 up"),
        (GOOD.replace("{ woods = 20 }", '["woods"]'), "noise"),
        (GOOD.replace('["jazz"]', '"jazz"'), "music"),
        (GOOD.replace('["jazz"]', "[1]"), "music"),
        (GOOD.replace('["home"]', "{ home = 3 }"), r"\[baseline\].*noise"),
        (GOOD + "data_set = 2", r"\[users.B\].data_set: expected str"),
        (GOOD + "concentration = 0", r"\[users.B\]: .*concentration must be > 0, got 0"),
        (GOOD + "concentration = -0.1", r"\[users.B\]: .*concentration must be > 0, got -0.1"),
        (GOOD + "concentration = nan", r"\[users.B\]: .*concentration must be > 0, got nan"),
        (GOOD + 'concentration = "even"', r"\[users.B\].concentration: expected float"),
        (BASELINE + "concentration = 1\n" + GOOD.replace(BASELINE, ""), r"\[baseline\]: unknown"),
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


def test_the_baseline_knows_what_its_profile_names() -> None:
    profile = BaselineProfile(noise=("woods", "home2"), music=("*",), data_set="small")
    assert profile.surroundings(library_of(), where="here") == Surroundings(
        noise_types=("home2", *(f"woods{n}" for n in range(6))),
        genres=("jazz", "pop", "rock"),
        data_set="small",
    )
    with pytest.raises(CorpusError, match="here: the corpus has no music 'polka'"):
        BaselineProfile(noise=("*",), music=("polka",)).surroundings(library_of(), where="here")


def test_types_have_no_weights_where_the_concentration_is_infinite() -> None:
    users = drawn(UserProfile(noise={"*": 4}, music=("*",)), 5)
    assert {user.surroundings.noise_weights for user in users} == {()}
    assert {user.surroundings.genre_weights for user in users} == {()}


def weights(concentration: float) -> tuple[FloatArray, FloatArray]:
    """(n_users, 6) of the noise types, (n_users, 3) of the genres."""
    profile = UserProfile(noise={"home": 6}, music=("*",), concentration=concentration)
    heard = [user.surroundings for user in drawn(profile, 400)]
    return np.array([s.noise_weights for s in heard]), np.array([s.genre_weights for s in heard])


@pytest.mark.parametrize("concentration", [1e-3, 0.1, 1.0, 1e3, 1e308])
def test_weights_add_up_to_1_and_leave_no_type_out(concentration: float) -> None:
    for its in weights(concentration):
        np.testing.assert_allclose(its.sum(axis=1), 1)
        assert (its > 0).all()


@pytest.mark.parametrize("concentration", [0.1, 1000.0])
def test_every_user_has_weights_of_her_own(concentration: float) -> None:
    for its in weights(concentration):
        assert len({tuple(row) for row in its}) == len(its)


@pytest.mark.parametrize("concentration", [0.1, 1.0, 1000.0])
def test_weights_are_as_concentrated_as_asked(concentration: float) -> None:
    """A Dirichlet weight of n types has variance (1/n) · (1 - 1/n) / (n · concentration + 1)."""
    for its in weights(concentration):
        n = its.shape[1]
        expected = np.sqrt((1 / n) * (1 - 1 / n) / (n * concentration + 1))
        np.testing.assert_allclose(its.mean(axis=0), 1 / n, atol=5 * expected / np.sqrt(len(its)))
        assert its.std() == pytest.approx(expected, rel=0.1)


def test_a_low_concentration_gives_one_type_most_and_a_high_one_all_the_same() -> None:
    few, all_the_same = weights(0.1)[0], weights(1000.0)[0]
    assert np.median(few.max(axis=1)) > 0.7
    assert np.abs(all_the_same - 1 / 6).max() < 0.03


def test_a_data_set_restricts_what_users_hear() -> None:
    sets = dict.fromkeys(("home1", "home3", "woods0", "pop", "rock"), ("small",))
    profile = UserProfile(noise={"home": 6}, music=("*",), data_set="small")
    for user in drawn(profile, 4, library_of(sets)):
        assert user.surroundings.noise_types == ("home1", "home3")
        assert user.surroundings.genres == ("pop", "rock")
        assert user.surroundings.data_set == "small"


def test_a_data_set_without_the_profiles_noise_is_refused() -> None:
    profile = UserProfile(noise={"home": 6}, music=("*",), data_set="small")
    with pytest.raises(CorpusError, match=r"here, \[users.A\]: no type of home has recordings"):
        drawn(profile, 1, library_of({"woods0": ("small",), "pop": ("small",)}))


AUTO = find_profiles("auto")
TYPES = {"noise": tuple("abcdefgh"), "music": ("folk", "jazz", "pop", "rock"), "speech": ("read",)}


def any_library(
    types: Mapping[str, tuple[str, ...]], heard: Container[str] | None = None
) -> Library:
    """A clip of each type in each part; in those of users only of some types."""
    rows = [
        (part, label, "", kind, ())
        for part in PARTS
        for label, kinds in types.items()
        for kind in kinds
        if part in SERVER_PARTS or heard is None or kind in heard
    ]
    return Library(*zip(*rows, strict=True))


def of_auto(library: Library, n_users: int = 60) -> Mapping[str, list[User]]:
    users = draw_users(AUTO, n_users, library=library, settings=UserSettings(), streams=Streams(1))
    return {name: [user for user in users if user.profile == name] for name in AUTO.users}


def test_users_of_any_recordings_live_at_stated_distances() -> None:
    library = any_library(TYPES)
    known = AUTO.known(library)
    assert (known.noise_types, known.genres) == (tuple("abcd"), ("folk", "jazz"))
    users = of_auto(library)
    for name, n_known, n_other, n_genres, apart in (
        ("near", 3, 0, (2, 0), (0.25, 0.0)),
        ("between", 2, 2, (1, 1), (0.5, 0.5)),
        ("far", 0, 2, (0, 1), (1.0, 1.0)),
    ):
        for user in users[name]:
            noise, genres = (set(user.surroundings.types()[of] or ()) for of in ("noise", "music"))
            assert len(noise & set("abcd")) == n_known
            assert len(noise - set("abcd")) == n_other
            assert (len(genres & {"folk", "jazz"}), len(genres - {"folk", "jazz"})) == n_genres
            noisy = user.shares[Scene.NOISE] + user.shares[Scene.SPEECH_IN_NOISE]
            expected = noisy * apart[0] + user.shares[Scene.MUSIC] * apart[1]
            assert user.distance == pytest.approx(expected)
        assert len({user.surroundings.noise_types for user in users[name]}) > 3


@pytest.mark.parametrize(
    ("noise", "music"), [(("a", "b"), ("jazz",)), (("a",), ("jazz", "pop")), (("a",), ("jazz",))]
)
def test_where_there_is_nothing_else_users_hear_what_the_baseline_set_holds(
    noise: tuple[str, ...], music: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    users = of_auto(any_library({**TYPES, "noise": noise, "music": music}))
    heard = {name: some[0].surroundings for name, some in users.items()}
    assert (heard["near"].noise_types, heard["near"].genres) == (noise[:1], music[:1])
    assert (heard["between"].noise_types, heard["between"].genres) == (noise, music)
    assert (heard["far"].noise_types, heard["far"].genres) == (noise[-1:], music[-1:])
    for label, types in (("noise", noise), ("music", music)):
        words = f"auto.toml, [users.far]: of the {label} that *other means no type has "
        told = [message for message in caplog.messages if words in message]
        assert len(told) == (len(types) == 1)
        assert all(
            message.endswith(
                "(there is no such type, so add 4 recordings of one); these users hear " + types[0]
            )
            for message in told
        )


def test_what_nobody_can_hear_of_the_baseline_set_is_made_up_for() -> None:
    heard = of_auto(any_library(TYPES, heard={*"efgh", "rock", "read"}))["near"][0].surroundings
    assert set(heard.noise_types or ()) < set("efgh")
    assert heard.genres == ("rock",)


def test_a_corpus_without_a_type_to_hear_and_evaluate_on_is_refused_in_numbers() -> None:
    told = r"\[users.near\]: no type of \*known has .*; there are a 2, b 2, .*, so add 2 of a"
    with pytest.raises(CorpusError, match=told):
        of_auto(any_library(TYPES, heard={"pop", "read"}))


def test_those_who_hear_all_genres_of_a_profile_draw_nothing() -> None:
    """Else users of profiles that were there before would have become others."""
    for user in drawn(UserProfile(noise={"home": 3}, music=("*",)), 3):
        rng = Streams(3).generator(Purpose.USERS, user.index)
        home = rng.permutation([f"home{n}" for n in range(6)])[:3]
        assert user.surroundings.noise_types == tuple(sorted(home))
        assert user.shares == tuple(drawn_shares(rng, 4, UserSettings().share_concentration))


@dataclass(frozen=True)
class Listed(TinyCorpus):
    """Recordings of the noise and the music that profiles name, but for some."""

    lacks: tuple[str, ...] = ()

    @cached_property
    def recordings(self) -> tuple[Recording, ...]:
        wide = find_profiles("wide")
        noise = {name for one in wide.users.values() for name in one.noise} | {*wide.baseline.noise}
        music = {name for one in wide.users.values() for name in one.music} | {*wide.baseline.music}
        kinds = [("noise", name, f"a {name}") for name in sorted(noise)]
        kinds += [("music", "", name) for name in sorted(music)]
        return tuple(
            Recording(path=kind, label=label, domain=domain, type=kind, group=kind)
            for label, domain, kind in kinds
            if not {domain, kind} & set(self.lacks)
        )


def test_profiles_are_those_that_the_recordings_can_serve() -> None:
    whole = Listed()
    assert suitable_profiles("", [whole]) == find_profiles("wide")
    for lack in ("domestic", "urban", "jazz_blues", "rock"):
        lacking = Listed(lacks=(lack,))
        assert suitable_profiles("", [lacking]) == AUTO
        assert suitable_profiles("", [lacking, whole]) == find_profiles("wide")
        assert suitable_profiles("wide", [lacking]) == find_profiles("wide")
    assert suitable_profiles("", [SyntheticCorpus()], embedded=True) == find_profiles("synthetic")


@pytest.mark.parametrize("name", ["own", "dirichlet"])
def test_the_baseline_set_is_half_of_what_there_is_where_there_is_no_other(name: str) -> None:
    shipped = find_profiles(name)
    assert suitable_profiles(name, [Listed()]) == shipped
    without = suitable_profiles(name, [Listed(lacks=("domestic", "rock"))])
    assert without.users == shipped.users
    assert without.user_settings == shipped.user_settings
    music = shipped.baseline.music if name == "dirichlet" else ("*half",)
    assert without.baseline == BaselineProfile(noise=("*half",), music=music)
