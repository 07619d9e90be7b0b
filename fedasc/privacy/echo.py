"""Echo: what a personal classifier tells of the release that it was made of. Game number 6."""

from collections.abc import Mapping

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.arithmetic.functions import log, softmax
from fedasc.audio import FloatArray
from fedasc.corpus.parts import USER_PARTS
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.privacy.attributes import area
from fedasc.privacy.days import day
from fedasc.privacy.references import log_ratio, references
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.strategies.drawing import drawing
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.strategy import Strategy
from fedasc.workers import ALONE, Workers

GAME = 6


def personal(
    scenario: Scenario,
    server: Server,
    strategy: Strategy,
    contents: Mapping[int, Content],
    *,
    workers: Workers = ALONE,
) -> dict[int, EmbeddedClassifier]:
    """The classifiers that users get of their releases on the first night, by user."""
    summaries = {
        index: Summary.of(content, scenario.listening.n_heard)
        for index, content in contents.items()
    }
    context = RoundContext(streams=scenario.streams, n_devices=len(scenario.users), workers=workers)
    made = strategy.serve(server, summaries, None, context).personal
    return {index: one.classifier for index, one in made.items()}


def matched(
    scenario: Scenario,
    server: Server,
    contents: Mapping[int, Content],
    classifiers: Mapping[int, EmbeddedClassifier],
    *,
    n_samples: int = 300,
) -> dict[str, float]:
    """How many classifiers are matched to the release that they were made of, among all of them.

    Who holds a classifier and all releases takes the one of whose samples it gives the teacher's
    labels best, compared to how well the other classifiers do there.

    Args:
        contents: By user, all of a kind that can be sampled.
        classifiers: Of the same users.
        n_samples: Drawn of each release.

    Returns:
        "matched", a share from 0 to 1, and what "chance" has of it.
    """
    fits = np.empty((len(contents), len(contents)))
    for column, (index, content) in enumerate(contents.items()):
        rng = scenario.streams.generator(Purpose.PRIVACY, GAME, index)
        x = drawing(content, server.deviations, rng=rng)(n_samples)
        targets = server.teacher.probabilities(x)
        for row, other in enumerate(contents):
            answers = log(softmax(classifiers[other].logits(x)))
            fits[row, column] = (targets * answers).sum(axis=1).mean()
    return {"matched": share_matched(fits), "chance": 1 / len(contents)}


def share_matched(fits: FloatArray) -> float:
    """Share of rows of which their own column is the largest; ties are shared.

    Args:
        fits: (n, n) of classifiers (rows) to releases (columns). Each column is centred first,
            since some releases are easier than others for every classifier.
    """
    centred = fits - fits.mean(axis=0)
    best = centred.max(axis=1)
    n_best = (centred == best[:, None]).sum(axis=1)
    return float(((centred.diagonal() == best) / n_best).mean())


def confidence(
    scenario: Scenario, server: Server, classifier: EmbeddedClassifier, index: int
) -> dict[str, float]:
    """Whether a user's classifier is the more certain where she was (Salem et al. 2019).

    It is its confidence less that of the classifier which all devices are shipped with.

    Returns:
        AUC of windows of her first day against as many that she might have heard in their place:
        "windows". And of the recordings of her day against those of her evaluation, of the same
        labels: "recordings/noise", "recordings/music", "recordings/speech".
    """
    release = Weights.of(classifier)
    heard, other = (
        log_ratio(release, day(scenario, index, night=night).x, server=server) for night in (0, 1)
    )
    return {"windows": area(heard, other), **_recordings(release, scenario, server, index)}


def _recordings(
    release: Weights, scenario: Scenario, server: Server, index: int
) -> dict[str, float]:
    library, surroundings = scenario.library, scenario.user(index, 0).surroundings
    sources, held = scenario.sources(index, 0), references(scenario)
    ratios = log_ratio(release, held.x, server=server)
    areas = {}
    for label in ("noise", "music", "speech"):
        scores: list[FloatArray] = []
        for part, excerpt in zip(USER_PARTS, (sources.day, sources.unfamiliar), strict=True):
            hers = excerpt.groups.get(label)
            groups = [
                group
                for group in library.recordings(part, label, surroundings)
                if hers is None or group in hers
            ]
            of_part = (held.parts == part) & (held.labels == label)
            scores.append(
                np.array([ratios[of_part & (held.groups == group)].mean() for group in groups])
            )
        areas[f"recordings/{label}"] = area(*scores)
    return areas
