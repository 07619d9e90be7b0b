"""How each game of an audit is played in a world."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fedasc.audio import FloatArray
from fedasc.experiments.audit_plan import AuditPlan, Game
from fedasc.privacy.attributes import attributes
from fedasc.privacy.claims import audit_of
from fedasc.privacy.days import night_contents
from fedasc.privacy.echo import confidence, matched, personal
from fedasc.privacy.linkage import link_features, linked
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.membership import recording_game, user_day_game, window_game
from fedasc.privacy.reconstruction import reconstruction
from fedasc.privacy.roc import Success
from fedasc.progress import Progress
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.strategies.strategy import Strategy

CROWD_DAYS = {"first": (0, False), "same recordings": (1, False), "other recordings": (1, True)}
"""Nights of a crowd that linkage takes, and whether of other recordings (`fedasc.privacy.days`)."""


class Outcome(NamedTuple):
    """What a game came to.

    Args:
        attacks: By attack and subset, see the game.
        figures: Other numbers by name, likewise.
    """

    attacks: Mapping[str, Success]
    figures: Mapping[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """A game that is about to be played.

    Args:
        game: Which.
        plan: How.
        scenario: With as many users as it needs.
        server: Whose classifiers devices have.
        mechanism: What is attacked.
        strategy: What the server makes of summaries.
        progress: Is told of what lasts.
    """

    game: Game
    plan: AuditPlan
    scenario: Scenario
    server: Server
    mechanism: Mechanism
    strategy: Strategy
    progress: Progress

    @property
    def user(self) -> int:
        """Who is attacked."""
        assert self.game.user is not None
        return self.game.user

    @property
    def n_users(self) -> int:
        """How many take part."""
        return self.plan.n_needed(self.game.name)

    @property
    def attacked(self) -> tuple[Scenario, Server, Mechanism]:
        """What every game begins with."""
        return self.scenario, self.server, self.mechanism

    def play(self) -> Outcome:
        """What it came to."""
        return _PLAYS[self.game.name](self)


def _windows(trial: Trial) -> Outcome:
    return Outcome(
        window_game(*trial.attacked, trial.user, settings=trial.plan.games),
        reconstruction(*trial.attacked, trial.user),
    )


def _recordings(trial: Trial) -> Outcome:
    scenario, _, mechanism = trial.attacked
    others = [user for user in range(trial.n_users) if user != trial.user]
    return Outcome(
        recording_game(*trial.attacked, trial.user, settings=trial.plan.games),
        attributes(
            *trial.attacked, trial.user, others=night_contents(scenario, mechanism, others, 0)
        ),
    )


def _user_days(trial: Trial) -> Outcome:
    attacks = user_day_game(*trial.attacked, settings=trial.plan.games, n_users=trial.n_users)
    return Outcome(attacks, {})


def _classifiers(trial: Trial) -> Outcome:
    """Whether the classifiers that come back tell of what was sent for them."""
    crowd, server, mechanism = trial.attacked
    users = range(trial.n_users)
    sent = dict(zip(users, night_contents(crowd, mechanism, users, 0), strict=True))
    classifiers = personal(crowd, server, trial.strategy, sent)
    by_user = [confidence(crowd, server, one, user) for user, one in classifiers.items()]
    means = {name: float(np.nanmean([one[name] for one in by_user])) for name in by_user[0]}
    return Outcome({}, {**matched(crowd, server, sent, classifiers), **means})


def _claims(trial: Trial) -> Outcome:
    """What the noise really bounds, from below."""
    epsilon = trial.mechanism.aggregator.epsilon
    assert epsilon is not None
    found = audit_of(
        trial.mechanism,
        streams=trial.scenario.streams,
        n_windows=trial.scenario.listening.n_heard,
        claims=(epsilon,),
        progress=trial.progress,
    )
    (claim,) = found["claims"]
    measured = {name: claim[name]["epsilon"] for name in ("sums", "received")}
    return Outcome({}, {**measured, "claimed": claim["claimed"]})


def _linkage(trial: Trial) -> Outcome:
    """On a second day of the same recordings, and on one of others of the same types."""
    crowd, server, mechanism = trial.attacked
    sizes = trial.plan.n_linked
    sent: dict[str, list[FloatArray]] = {name: [] for name in CROWD_DAYS}
    for user in range(max(sizes)):
        for name, (night, other) in CROWD_DAYS.items():
            made = night_contents(crowd, mechanism, [user], night, other_recordings=other)
            sent[name].append(link_features(made, server=server)[0])
        trial.progress("linking users", user + 1, max(sizes))
    first, *later = (np.stack(of_users) for of_users in sent.values())
    figures = {
        f"{name}/{size}": share
        for name, second in zip(list(CROWD_DAYS)[1:], later, strict=True)
        for size, share in linked(first, second, sizes).items()
    }
    return Outcome({}, figures)


_PLAYS: Mapping[str, Callable[[Trial], Outcome]] = {
    "windows": _windows,
    "recordings": _recordings,
    "user days": _user_days,
    "linkage": _linkage,
    "classifiers": _classifiers,
    "claims": _claims,
}
