"""Attributes: what a release tells of a user's noise, music and company. Number 4 of the games."""

from collections.abc import Sequence

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.audio import FloatArray
from fedasc.corpus.parts import USER_PARTS
from fedasc.privacy.days import day, sent
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.references import log_ratio, references
from fedasc.scenario import Scenario
from fedasc.scenes import N_SCENES
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.strategies.drawing import drawing
from fedasc.strategies.shares import shares_in

GAME = 4


def attributes(
    scenario: Scenario,
    server: Server,
    mechanism: Mechanism,
    index: int,
    *,
    others: Sequence[Content] = (),
    n_samples: int = 1000,
) -> dict[str, float]:
    """What a user's first release tells of her.

    A type of noise or music is hers if she hears it more often than she would all types alike. The
    attacker takes for hers the types for whose recordings the release speaks more than what the
    server has does; once of the very recordings of her day, once of others. What the latter tell is
    what a release is for; what the former tell beyond that is leaked.

    Args:
        others: Releases of other users, whose mean is taken off how much hers speaks for a window:
            without them, types that stand out in everybody's release are taken for hers.
        n_samples: Drawn of the release to see how often scenes are met.

    Returns:
        The AUC over types, hers against all others: "noise/same", "noise/other", "music/same",
        "music/other", NaN if all are hers or none is. And the mean absolute error of four scenes'
        shares of her day: "shares/told", as the teacher's labels of samples of the release have
        them, and "shares/guessed", of the mean of all users. What can't be sampled tells no more.
    """
    heard = day(scenario, index)
    content = sent(scenario, mechanism, index, heard.x)
    true = np.bincount(heard.scene, minlength=N_SCENES) / len(heard.scene)
    guessed = np.mean([user.shares for user in scenario.users], axis=0)
    told = _shares(content, scenario, server, index, n_samples=n_samples)
    return {
        **_types(content, scenario, server, index, others=others),
        "shares/told": float(np.abs((guessed if told is None else told) - true).mean()),
        "shares/guessed": float(np.abs(guessed - true).mean()),
    }


def area(inside: FloatArray, outside: FloatArray) -> float:
    """AUC: how likely one inside has a higher score than one outside; NaN without either."""
    if not (len(inside) and len(outside)):
        return float("nan")
    from scipy.stats import mannwhitneyu  # takes a second

    return float(mannwhitneyu(inside, outside).statistic / (len(inside) * len(outside)))


def _types(
    content: Content,
    scenario: Scenario,
    server: Server,
    index: int,
    *,
    others: Sequence[Content],
) -> dict[str, float]:
    library, surroundings = scenario.library, scenario.user(index, 0).surroundings
    recordings = scenario.sources(index, 0).day
    held = references(scenario)
    ratios = log_ratio(content, held.x, server=server)
    if others:
        ratios -= np.mean([log_ratio(one, held.x, server=server) for one in others], axis=0)
    areas = {}
    for label in ("noise", "music"):
        everywhere = library.types_named(["*"], label=label, where=scenario.name)
        kinds = library.types_in_all(
            everywhere, USER_PARTS, label=label, data_set=surroundings.data_set
        )
        shares = library.shares(USER_PARTS[0], label, surroundings, recordings)
        is_hers = np.array([shares.get(kind, 0.0) > 1 / len(kinds) for kind in kinds])
        hers = recordings.groups.get(label)
        in_day = np.isin(held.groups, list(hers)) if hers else np.full(len(ratios), True)
        for name, part in zip(("same", "other"), USER_PARTS, strict=True):
            scores = np.empty(len(kinds))
            for number, kind in enumerate(kinds):
                some = (held.parts == part) & (held.labels == label) & (held.types == kind)
                if name == "same" and is_hers[number]:
                    some &= in_day
                scores[number] = ratios[some].mean()
            areas[f"{label}/{name}"] = area(scores[is_hers], scores[~is_hers])
    return areas


def _shares(
    content: Content, scenario: Scenario, server: Server, index: int, *, n_samples: int
) -> FloatArray | None:
    """(4,) how often scenes are met by the teacher's labels; None if nothing can be sampled."""
    if not isinstance(content, Mixture | SceneMixture | Features):
        return None
    rng = scenario.streams.generator(Purpose.PRIVACY, GAME, index)
    samples = drawing(content, server.deviations, rng=rng)(n_samples)
    return shares_in(server.teacher.probabilities(samples))
