import pickle
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from fedasc.audio.microphone import Microphone
from fedasc.audio.response import Response
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.parts import USER_PARTS
from fedasc.errors import CorpusError, FedascError, SettingsError
from fedasc.population.distance import distance
from fedasc.population.profile import BaselineProfile, Profiles, UserProfile, read_profiles
from fedasc.population.responses import Responses
from fedasc.population.users import User, UserSettings, draw_users, users_of_shares
from fedasc.seeds import Streams

KINDS = {
    "noise": {f"{d}{n}": d for d in ("home", "woods", "town") for n in range(6)} | {"hum": ""},
    "music": {"pop": "", "jazz": "", "rock": ""},
    "speech": {"read": ""},
}

GOOD = """
[baseline]
noise = ["home"]
music = ["pop"]
[users.A]
noise = { home = 3, hum = 1 }
music = ["pop", "rock"]
[users.B]
noise = { woods = 20 }
music = ["jazz"]
"""
PROFILES = Profiles(
    where="here",
    baseline=BaselineProfile(noise=("home",), music=("pop",)),
    users={
        "A": UserProfile(noise={"home": 3, "hum": 1}, music=("pop", "rock")),
        "B": UserProfile(noise={"woods": 20}, music=("jazz",)),
    },
)
EVEN = (0.25, 0.25, 0.25, 0.25)


def library_of(
    parts: Mapping[tuple[str, str], tuple[str, ...]] | None = None, n_clips: int = 1
) -> Library:
    """All kinds with so many clips in each part, or in these parts."""
    rows = [
        (part, label, domain, kind, ())
        for label, kinds in KINDS.items()
        for kind, domain in kinds.items()
        for part in (parts or {}).get((label, kind), ("train", *USER_PARTS))
        for _ in range(n_clips)
    ]
    return Library(*zip(*rows, strict=True))


def drawn(
    n_users: int,
    *,
    profiles: Profiles = PROFILES,
    library: Library | None = None,
    settings: UserSettings | None = None,
    seed: int = 1,
) -> tuple[User, ...]:
    users = draw_users(
        profiles,
        n_users,
        library=library or library_of(),
        settings=settings or UserSettings(),
        streams=Streams(seed),
    )
    return tuple(users)


def noise_of(user: User) -> tuple[str, ...]:
    return user.surroundings.noise_types or ()


def genres_of(user: User) -> tuple[str, ...]:
    return user.surroundings.genres or ()


def from_file(folder: Path, text: str) -> Profiles:
    path = folder / "profiles.toml"
    path.write_text(text)
    return read_profiles(path)


@pytest.mark.parametrize(
    ("good", "bad"),
    [("woods", "moon"), ("home = 3", "pop = 3"), ('"jazz"', '"polka"'), ('"jazz"', '"home"')],
)
def test_what_the_corpus_lacks_is_named_with_file_and_cure(
    good: str, bad: str, tmp_path: Path
) -> None:
    profiles = from_file(tmp_path, GOOD.replace(good, bad))
    with pytest.raises(CorpusError, match=r"the corpus has no .* it has .*--profiles") as caught:
        drawn(1, profiles=profiles)
    assert f"{profiles.where}, [users." in str(caught.value)


def test_a_profile_without_any_music_is_refused(tmp_path: Path) -> None:
    profiles = from_file(tmp_path, GOOD.replace('["jazz"]', "[]"))
    with pytest.raises(FedascError, match=r"\[users.B\]"):
        drawn(1, profiles=profiles)


@pytest.mark.parametrize("part", USER_PARTS)
def test_a_profile_of_nothing_to_hear_or_evaluate_on_is_refused(part: str) -> None:
    library = library_of({("noise", "hum"): ("train", part)})
    with pytest.raises(CorpusError, match=r"\[users.A\]: no type of hum has recordings both"):
        drawn(2, library=library)


def test_users_take_the_profiles_in_turn() -> None:
    users = drawn(5)
    assert [user.profile for user in users] == ["A", "B", "A", "B", "A"]
    assert [user.index for user in users] == list(range(5))


def test_a_user_hears_what_her_profile_says() -> None:
    a, b = drawn(2)
    assert len(noise_of(a)) == 4
    assert "hum" in noise_of(a)
    assert all(kind == "hum" or kind.startswith("home") for kind in noise_of(a))
    assert set(genres_of(a)) == {"pop", "rock"}
    assert set(noise_of(b)) == {f"woods{n}" for n in range(6)}
    assert genres_of(b) == ("jazz",)


def test_users_of_a_profile_differ() -> None:
    users = drawn(40)[::2]
    assert len({noise_of(user) for user in users}) > 10
    assert len({user.microphone.gain_db for user in users}) == 20
    assert len({user.shares for user in users}) == 20


def test_a_user_is_the_same_among_any_number() -> None:
    many = drawn(20)
    assert drawn(7) == many[:7]
    assert drawn(20, seed=2)[0].shares != many[0].shares


def test_users_hear_only_what_has_recordings_to_hear_and_to_evaluate_on() -> None:
    lacking = {
        ("noise", "home0"): ("aggregation",),
        ("noise", "home1"): ("evaluation", "train"),
        ("noise", "woods2"): ("train", "validation"),
        ("music", "rock"): ("aggregation", "validation"),
    }
    users = drawn(60, library=library_of(lacking))
    heard = {kind for user in users for kind in (*noise_of(user), *genres_of(user))}
    usable = {f"{d}{n}" for d, n in product(("home", "woods"), range(6))} | {"hum", "pop", "jazz"}
    assert heard == usable - {"home0", "home1", "woods2"}


def test_shares_and_microphones_spread_as_set() -> None:
    """A Dirichlet share of mean 1/4 at 4c has variance (1/4 · 3/4) / (4c + 1)."""
    settings = UserSettings(share_concentration=5, gain_spread_db=4, tilt_spread_db=2)
    users = drawn(2000, settings=settings)
    shares = np.array([user.shares for user in users])
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares.mean(axis=0), 0.25, atol=0.01)
    np.testing.assert_allclose(shares.std(axis=0), np.sqrt(0.1875 / 21), rtol=0.06)
    gains = np.array([user.microphone.gain_db for user in users])
    assert gains.mean() == pytest.approx(0, abs=0.3)
    assert gains.std() == pytest.approx(4, rel=0.06)
    tilts = np.array([user.microphone.tilt_db for user in users])
    assert tilts.mean() == pytest.approx(0, abs=0.15)
    assert tilts.std() == pytest.approx(2, rel=0.06)
    assert np.corrcoef(gains, tilts)[0, 1] == pytest.approx(0, abs=0.08)


def test_no_spread_gives_every_microphone_the_same_gain_and_tilt() -> None:
    users = drawn(5, settings=UserSettings(gain_spread_db=0, tilt_spread_db=0))
    assert {user.microphone for user in users} == {Microphone()}


def test_responses_and_self_noise_spread_as_set_and_move_no_other_draw() -> None:
    flat = [Response(name=name, taps=(1.0,)) for name in "abc"]
    settings = UserSettings(
        responses=Responses(each=tuple(flat)),
        self_noise_db_spl=25,
        self_noise_spread_db=3,
        clipping_db_spl=110,
        calibration_db_spl=100,
    )
    profile = replace(PROFILES.users["A"], concentration=2.0)  # whose weights are drawn later
    uneven = replace(PROFILES, users={"A": profile})
    users = drawn(900, profiles=uneven, settings=settings)
    microphones = [user.microphone for user in users]
    counts = Counter(microphone.response for microphone in microphones)
    assert {*counts} == {*flat}
    assert min(counts.values()) > 250
    levels = [microphone.self_noise_db_spl or 0.0 for microphone in microphones]
    assert np.mean(levels) == pytest.approx(25, abs=0.3)
    assert np.std(levels) == pytest.approx(3, rel=0.07)
    same = {
        (microphone.clipping_db_spl, microphone.calibration_db_spl) for microphone in microphones
    }
    assert same == {(110, 100)}
    plain = [
        replace(user, microphone=Microphone(gain_db=user.microphone.gain_db)) for user in users
    ]
    assert tuple(plain) == drawn(900, profiles=uneven)
    fewer = drawn(50, settings=replace(settings, responses=Responses(each=(flat[0],))))
    assert [user.microphone.self_noise_db_spl for user in fewer] == levels[:50]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"self_noise_db_spl": 81.0}, "self_noise_db_spl must lie between -20 and 80, got 81"),
        ({"self_noise_db_spl": float("nan")}, "self_noise_db_spl must lie between -20 and 80"),
        ({"self_noise_db_spl": 30.0, "self_noise_spread_db": -1.0}, "self_noise_spread_db must"),
        ({"self_noise_spread_db": 1.0}, "set self_noise_db_spl, too"),
        ({"clipping_db_spl": 59.0}, "clipping_db_spl must lie between 60 and 160"),
        ({"calibration_db_spl": 201.0}, "calibration_db_spl must lie between 40 and 200"),
        ({"microphones": "real"}, "microphones must be one of simulated, recorded"),
        (
            {
                "microphones": "recorded",
                "responses": Responses(each=(Response(name="a", taps=(1.0,)),)),
            },
            "recorded microphones have the responses that",
        ),
    ],
)
def test_settings_of_microphones_out_of_range_are_refused(
    given: dict[str, Any], reason: str
) -> None:
    with pytest.raises(SettingsError, match=f"users: .*{reason}"):
        UserSettings(**given)


def test_the_widest_settings_of_levels_are_borne_by_microphones() -> None:
    for level in (-20, 80):
        users = drawn(300, settings=UserSettings(self_noise_db_spl=level, self_noise_spread_db=10))
        assert len(users) == 300


def test_microphones_have_no_tilt_unless_asked() -> None:
    assert {user.microphone.tilt_db for user in drawn(5)} == {0.0}


def test_users_drift_as_set() -> None:
    assert {user.drift for user in drawn(3)} == {0.0}
    assert {user.drift for user in drawn(3, settings=UserSettings(drift=0.3))} == {0.3}


@pytest.mark.parametrize("value", [-1.0, 0.0, float("nan"), float("inf")])
def test_a_concentration_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(SettingsError, match="share_concentration must be positive and finite"):
        UserSettings(share_concentration=value)


@pytest.mark.parametrize("key", ["gain_spread_db", "tilt_spread_db"])
@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_spread_that_is_none_is_refused(key: str, value: Any) -> None:
    got = f"got {value:g} and 0" if key == "gain_spread_db" else f"got 3 and {value:g}"
    with pytest.raises(SettingsError, match=rf"users: {key}|, {key}") as caught:
        UserSettings(**{key: value})
    assert str(caught.value).endswith(got)


@pytest.mark.parametrize(("key", "most"), [("gain_spread_db", 15), ("tilt_spread_db", 4)])
def test_a_spread_has_a_largest_value_that_microphones_bear(key: str, most: Any) -> None:
    settings = UserSettings(**{key: most})
    assert len(drawn(500, settings=settings)) == 500
    with pytest.raises(SettingsError, match=rf"{key} .*between 0 and {most}.*got .*{most + 0.1}"):
        UserSettings(**{key: most + 0.1})


def user_with(**values: Any) -> User:
    given = {"shares": EVEN, **values}
    return User(index=0, profile="A", surroundings=Surroundings(), microphone=Microphone(), **given)


@pytest.mark.parametrize("drift", [-0.1, 1.1, float("nan")])
def test_a_drift_outside_0_to_1_is_refused(drift: float) -> None:
    with pytest.raises(SettingsError, match=r"users: drift must lie between 0 and 1"):
        UserSettings(drift=drift)
    with pytest.raises(SettingsError, match=r"drift must lie between 0 and 1"):
        user_with(drift=drift)
    assert user_with(drift=1.0).drift == UserSettings(drift=1.0).drift


@pytest.mark.parametrize("familiarity", [-0.1, 1.1, float("nan")])
def test_a_familiarity_outside_0_to_1_is_refused(familiarity: float) -> None:
    for kind in (UserSettings, user_with):
        with pytest.raises(SettingsError, match=r"familiarity must lie between 0 and 1, got"):
            kind(familiarity=familiarity)
    assert user_with(familiarity=1.0).familiarity == UserSettings(familiarity=1.0).familiarity


@pytest.mark.parametrize(
    "shares",
    [(0.5, 0.5), (0.3, 0.3, 0.3, 0.3), (1.5, -0.5, 0, 0), (float("nan"), 0, 0, 1), (0, 0, 0, 0)],
)
def test_shares_that_are_no_probabilities_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(SettingsError, match="must add up to 1"):
        user_with(shares=shares)


def test_drawn_users_know_their_distance() -> None:
    library = library_of()
    for user in drawn(6):
        known = PROFILES.known(library)
        assert user.distance == distance(user.surroundings, user.shares, known, library)
    near, far = (np.mean([user.distance for user in drawn(40)[start::2]]) for start in range(2))
    assert near < far


def of_shares(
    noise: list[dict[str, float]], music: list[dict[str, float]], n_users: int
) -> tuple[User, ...]:
    lacking = {("noise", "hum"): ("train", "aggregation"), ("music", "rock"): ("evaluation",)}
    return users_of_shares(
        noise,
        music,
        n_users,
        profile="pathological",
        known=Surroundings(noise_types=("home0",), genres=("pop",)),
        library=library_of(lacking),
        settings=UserSettings(drift=0.5),
        streams=Streams(1),
    )


def test_users_may_hear_given_shares_in_turn() -> None:
    noise = [{"home0": 0.25, "hum": 0.5, "town1": 0.25}, {"woods1": 1.0}]
    music = [{"pop": 1.0}, {"jazz": 0.1, "rock": 0.9}, {"pop": 0.5, "jazz": 0.5}]
    users = of_shares(noise, music, 4)
    assert [(user.index, user.profile, user.drift) for user in users] == [
        (n, "pathological", 0.5) for n in range(4)
    ]
    assert [user.surroundings.weights("noise") for user in users] == 2 * [
        {"home0": 0.25, "town1": 0.25},
        {"woods1": 1.0},
    ]
    assert [user.surroundings.weights("music") for user in users] == [
        {"pop": 1.0},
        {"jazz": 0.1},
        {"pop": 0.5, "jazz": 0.5},
        {"pop": 1.0},
    ]
    assert len({user.shares for user in users}) == len({user.microphone for user in users}) == 4
    first = users[0]
    assert first.distance == pytest.approx(0.5 * (first.shares[0] + first.shares[3]))


@pytest.mark.parametrize(
    ("noise", "music", "reason"),
    [("hum", "pop", "user 1 hears no noise that"), ("home0", "rock", "user 1 hears no music that")],
)
def test_shares_of_nothing_to_evaluate_on_are_refused(noise: str, music: str, reason: str) -> None:
    with pytest.raises(CorpusError, match=reason):
        of_shares([{"home0": 1.0}, {noise: 1.0}], [{"pop": 1.0}, {music: 1.0}], 2)


def test_thousands_of_users_take_seconds_and_megabytes() -> None:
    profile = UserProfile(noise={"home": 5, "*": 5}, music=("*",), concentration=1.0)
    profiles = Profiles(where="here", baseline=PROFILES.baseline, users={"A": profile})
    library = library_of(n_clips=8)
    assert len(library.parts) > 500
    start = perf_counter()
    users = drawn(5000, profiles=profiles, library=library, settings=UserSettings(drift=0.1))
    assert perf_counter() - start < 5
    assert len(users) == 5000
    assert len(pickle.dumps(users)) < 5e6


def test_users_are_drawn_when_they_are_asked_for_and_are_always_the_same() -> None:
    users = draw_users(
        PROFILES, 10**6, library=library_of(), settings=UserSettings(), streams=Streams(1)
    )
    assert len(users) == 10**6
    few = drawn(40)
    assert users[:40] == few
    assert (users[7], users[-1].index) == (few[7], 10**6 - 1)
    again = pickle.loads(pickle.dumps(users))
    assert again[7:9] == few[7:9]
    assert len(pickle.dumps(users)) < 1.1 * len(pickle.dumps(users.library)) + 10_000
    with pytest.raises(IndexError):
        _ = users[10**6]
