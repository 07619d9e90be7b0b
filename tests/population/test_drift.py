from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from fedasc.audio.bank import FilterBank
from fedasc.audio.microphone import Microphone
from fedasc.corpus.clips import ClipFile
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.parts import USER_PARTS
from fedasc.population.drift import lived
from fedasc.population.users import User
from fedasc.scenario import ListeningSettings, Scenario
from fedasc.seeds import Streams

TYPES = tuple(f"t{n:02}" for n in range(40))
HEARD = TYPES[10:18]


def user_with(drift: float, *, index: int = 3, noise_types: tuple[str, ...] | None = HEARD) -> User:
    return User(
        index=index,
        profile="A",
        surroundings=Surroundings(
            noise_types=noise_types,
            genres=("pop", "jazz"),
            noise_weights=tuple(range(1, 1 + len(noise_types or ()))),
            genre_weights=(1.0, 2.0),
        ),
        shares=(0.1, 0.2, 0.3, 0.4),
        microphone=Microphone(gain_db=3),
        drift=drift,
    )


def on(user: User, night: int, *, elsewhere: Sequence[str] = TYPES, seed: int = 0) -> User:
    *_, there = lived(user, night, elsewhere=elsewhere, streams=Streams(seed))
    return there


def noise_of(user: User) -> tuple[str, ...]:
    return user.surroundings.noise_types or ()


def test_nothing_changes_on_the_first_night_nor_without_drift() -> None:
    assert on(user_with(1.0), 0) == user_with(1.0)
    assert on(user_with(0.0), 5) == user_with(0.0)


def test_full_drift_replaces_every_noise_type() -> None:
    user = on(user_with(1.0), 1)
    assert len(set(noise_of(user))) == len(HEARD)
    assert not set(noise_of(user)) & set(HEARD)
    assert set(noise_of(user)) <= set(TYPES)


def test_full_drift_replaces_no_more_than_there_are_others() -> None:
    few = (*HEARD, "x", "y", "z")
    user = on(user_with(1.0), 1, elsewhere=few)
    assert len(set(noise_of(user))) == len(HEARD)
    assert len(set(noise_of(user)) & set(HEARD)) == len(HEARD) - 3
    nowhere = on(user_with(1.0), 4, elsewhere=HEARD)
    assert noise_of(nowhere) == HEARD


def test_who_hears_everything_goes_on_hearing_everything() -> None:
    user = on(user_with(1.0, noise_types=None), 2)
    assert user.surroundings.noise_types is None
    assert user.shares != user_with(1.0).shares


def test_as_many_types_are_replaced_in_a_night_as_the_drift_says() -> None:
    replaced = [
        len(set(HEARD) - set(noise_of(on(user_with(0.3, index=index), 1)))) for index in range(500)
    ]
    spread = np.sqrt(0.3 * 0.7 / (500 * len(HEARD)))
    assert np.mean(replaced) / len(HEARD) == pytest.approx(0.3, abs=4 * spread)


def test_every_other_type_is_as_likely_to_come() -> None:
    users = [on(user_with(1.0, index=index), 1) for index in range(800)]
    came = [kind for user in users for kind in noise_of(user)]
    counts = np.array([came.count(kind) for kind in set(TYPES) - set(HEARD)])
    assert counts.mean() == 800 * len(HEARD) / 32
    assert np.abs(counts - counts.mean()).max() < 5 * np.sqrt(counts.mean())


def test_each_night_follows_from_the_one_before() -> None:
    users = [user_with(0.2, index=index) for index in range(200)]
    nights = [[set(noise_of(on(user, night))) for user in users] for night in range(3)]
    for one, other, stayed in ((0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.64)):
        common = [len(a & b) for a, b in zip(nights[one], nights[other], strict=True)]
        assert np.mean(common) / len(HEARD) == pytest.approx(stayed, abs=0.05)


def test_weights_stay_in_their_place_and_all_else_stays_too() -> None:
    user, now = user_with(0.5), on(user_with(0.5), 1)
    stayed = [kind for kind in HEARD if kind in noise_of(now)]
    assert 0 < len(stayed) < len(HEARD)
    for kind in stayed:
        assert now.surroundings.weights("noise")[kind] == user.surroundings.weights("noise")[kind]
    surroundings = replace(user.surroundings, noise_types=noise_of(now))
    assert now == replace(user, surroundings=surroundings, shares=now.shares)


@pytest.mark.parametrize("drift", [0.1, 1.0])
def test_shares_stay_probabilities_and_move_by_the_drift(drift: float) -> None:
    users = [on(user_with(drift, index=index), night) for index in range(50) for night in (1, 30)]
    shares = np.array([user.shares for user in users])
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert (shares >= 0).all()
    moved = shares[::2] - (1 - drift) * np.array(user_with(drift).shares)
    assert (moved >= -1e-12).all()
    np.testing.assert_allclose(moved.sum(axis=1), drift)
    assert moved.std() > 0.1 * drift


def test_a_user_drifts_the_same_way_again_and_no_one_else_does() -> None:
    assert on(user_with(0.5), 4) == on(user_with(0.5), 4)
    assert on(user_with(0.5), 4, seed=1) != on(user_with(0.5), 4)
    other = on(user_with(0.5, index=4), 4)
    assert replace(other, index=3) != on(user_with(0.5), 4)


@pytest.fixture
def scenario(clips: ClipFile) -> Scenario:
    """Types t00 to t19 belong to a data set; t20 has nothing to evaluate on."""
    rows = [
        (part, "noise", "", kind, ("small",) if kind < "t20" else ())
        for part in USER_PARTS
        for kind in TYPES
        if (part, kind) != ("evaluation", "t20")
    ]
    library = Library(*zip(*rows, strict=True))
    inside = user_with(1.0, index=1)
    inside = replace(inside, surroundings=replace(inside.surroundings, data_set="small"))
    return Scenario(
        clips=clips,
        library=library,
        users=[user_with(1.0, index=0), inside],
        bank=FilterBank(),
        listening=ListeningSettings(),
        streams=Streams(0),
        name="here",
        pools=(),
    )


def test_a_user_drifts_within_her_data_set(scenario: Scenario) -> None:
    outside, inside = (
        {kind for night in range(1, 30) for kind in noise_of(scenario.user(index, night))}
        for index in range(2)
    )
    assert outside == set(TYPES) - {"t20"}
    assert inside == set(TYPES[:20])


def test_others_change_nothing_for_a_user(scenario: Scenario) -> None:
    alone = replace(scenario, users=[scenario.users[0], user_with(0.3, index=1)])
    assert alone.user(0, 3) == scenario.user(0, 3)
    assert scenario.user(0, 0) == scenario.users[0]
