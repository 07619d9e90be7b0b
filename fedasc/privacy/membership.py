"""Membership: was a window, a recording or a user's day in what was released?"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.corpus.recordings import LABELS
from fedasc.privacy import recordings_game, user_days_game, windows_game
from fedasc.privacy.density import log_density
from fedasc.privacy.game import Game, GameSettings
from fedasc.privacy.lira import calibrated
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.roc import Success, success
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.simulated import hear
from fedasc.strategies.pooling import pooled

_SEED = 9
"""Number of the streams of devices' draws in the address of a game."""


def judged(
    densities: FloatArray,
    reference: FloatArray,
    member: NDArray[np.bool_],
    *,
    alike: NDArray[np.str_],
    subsets: Mapping[str, NDArray[np.bool_]],
) -> dict[str, Success]:
    """How well each attack tells which units were in, all releases of a user with one threshold.

    The attacks are the log density of a unit under the release (density), less the one under what
    the server has (ratio), and the ratio calibrated to the unit by the other releases
    (lira-offline, lira-online; see `fedasc.privacy.lira`).

    Args:
        densities: (n_releases, n_units) log densities.
        reference: (n_units,) the same without the release.
        member: (n_releases, n_units) which units were in.
        alike: (n_units,) units of the same word deviate from their means alike.
        subsets: (n_units,) which units belong to each; "" for the judgement of the attack itself.

    Returns:
        By "attack", or "attack/subset".
    """
    ratio = densities - reference
    scores = {"density": densities, "ratio": ratio}
    for kind, online in (("lira-offline", False), ("lira-online", True)):
        scores[kind] = np.empty_like(ratio)
        for word in np.unique(alike):
            some = alike == word
            scores[kind][:, some] = calibrated(ratio[:, some], member[:, some], online=online)
    return {
        "/".join(filter(None, (attack, subset))): success(score[:, some], member[:, some])
        for attack, score in scores.items()
        for subset, some in subsets.items()
    }


def window_game(
    scenario: Scenario, server: Server, mechanism: Mechanism, index: int, *, settings: GameSettings
) -> dict[str, Success]:
    """Was a window heard, of twice as many that a user might have heard?

    How many a day has is public and the same in all releases.

    Returns:
        Of ordinary windows by "attack"; of those of recordings that nothing else is of, by
        "attack/rare".

    Raises:
        SettingsError: If the release tells nothing that attacks know, or the game doesn't fit.
    """
    x = windows_game.candidates(scenario, index, settings=settings).x
    densities = np.empty((settings.n_releases, len(x)))
    member = np.zeros(densities.shape, np.bool_)
    for release in range(settings.n_releases):
        heard = windows_game.windows_in(
            scenario, index, release, n_candidates=len(x), settings=settings
        )
        seed = _seed(scenario, Game.WINDOWS, index, release)
        content = mechanism.content(x[heard], seed=seed)
        densities[release] = log_density(content, x, server=server)
        member[release, heard] = True
    rare = np.arange(len(x)) >= 2 * settings.heard(scenario)
    return judged(
        densities,
        server.everything.log_density(x),
        member,
        alike=np.where(rare, "rare", "ordinary"),
        subsets={"": ~rare, "rare": rare},
    )


def recording_game(
    scenario: Scenario, server: Server, mechanism: Mechanism, index: int, *, settings: GameSettings
) -> dict[str, Success]:
    """Was a user where a recording was made, other windows of which the attacker holds?

    Returns:
        Of all recordings by "attack"; of those of one label by "attack/noise", "attack/music" and
        "attack/speech"; of those of which the attacker holds other clips by "attack/repeated", the
        same clip mixed anew by "attack/single".
        Nothing if she hears one recording of each label at most, which is then in every release.

    Raises:
        SettingsError: See `window_game`.
    """
    places = recordings_game.places(scenario, index)
    if not places:
        return {}
    x = recordings_game.probes(scenario, index, settings=settings).x
    densities = np.empty((settings.n_releases, len(places)))
    member = np.zeros(densities.shape, np.bool_)
    for release in range(settings.n_releases):
        heard = recordings_game.day(scenario, index, release, settings=settings).x
        seed = _seed(scenario, Game.RECORDINGS, index, release)
        content = mechanism.content(heard, seed=seed)
        densities[release] = _means(log_density(content, x, server=server), len(places))
        there = recordings_game.places_in(scenario, index, release)
        member[release] = [place.group in there[place.label] for place in places]
    labels = np.array([place.label for place in places], np.str_)
    repeated = np.array([place.repeated for place in places], np.bool_)
    return judged(
        densities,
        _means(server.everything.log_density(x), len(places)),
        member,
        alike=labels,
        subsets={
            "": np.ones(len(places), np.bool_),
            **{label: labels == label for label in LABELS},
            "repeated": repeated,
            "single": ~repeated,
        },
    )


def user_day_game(
    scenario: Scenario,
    server: Server,
    mechanism: Mechanism,
    *,
    settings: GameSettings,
    n_users: int,
) -> dict[str, Success]:
    """Is a user's day in the pool of many users' summaries, windows of another of which are held?

    Each release is a pool of half of the users with equal shares, each of whom draws anew.

    Args:
        n_users: The first ones of the scenario.

    Returns:
        By "attack".

    Raises:
        SettingsError: If summaries can't be pooled; see also `window_game`.
    """
    who = [
        user_days_game.users_in(scenario, release, n_users=n_users)
        for release in range(settings.n_releases)
    ]
    x = [user_days_game.held(scenario, user) for user in range(n_users)]
    densities = np.empty((settings.n_releases, n_users))
    member = np.zeros(densities.shape, np.bool_)
    for release, there in enumerate(who):
        contents = [
            mechanism.content(
                hear(scenario, user, Purpose.HEARD).x,
                seed=_seed(scenario, Game.USER_DAYS, user, release),
            )
            for user in there.tolist()
        ]
        content = pooled(contents, [1.0] * len(contents))
        densities[release] = [log_density(content, some, server=server).mean() for some in x]
        member[release, there] = True
    return judged(
        densities,
        np.array([server.everything.log_density(some).mean() for some in x]),
        member,
        alike=np.full(n_users, "day"),
        subsets={"": np.ones(n_users, np.bool_)},
    )


def _means(values: FloatArray, n_units: int) -> FloatArray:
    """(n_units,) means over as many values of each in turn."""
    means: FloatArray = values.reshape(n_units, -1).mean(axis=1)
    return means


def _seed(scenario: Scenario, game: Game, index: int, release: int) -> int:
    """Of a device's draws in a release."""
    return scenario.streams.integer(Purpose.PRIVACY, game, index, _SEED, release)
