"""The paper's experiments as a design: users near and far, and mixtures of several sizes."""

import logging
from collections.abc import Sequence
from dataclasses import fields, replace

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.corpus.recordings import Corpus
from fedasc.errors import SettingsError
from fedasc.experiments.cell import Variant
from fedasc.experiments.design import Design, Result
from fedasc.experiments.preset import Plan
from fedasc.experiments.record import DeviceRecord
from fedasc.population.attendance import NightsSettings
from fedasc.population.profile import Profiles
from fedasc.probes.certainty import CertaintyProbe
from fedasc.probes.components import ComponentsProbe
from fedasc.probes.probe import Probe
from fedasc.probes.samples import SamplesProbe
from fedasc.probes.two_samples import TwoSamplesProbe
from fedasc.probes.yardsticks import YardsticksProbe
from fedasc.settings import Settings
from fedasc.strategies.distilled import DistilledStrategy
from fedasc.strategies.retraining import Retraining
from fedasc.strategies.strategy import Strategy

DISTILLED = "distilled"
"""What the strategy makes of the mixture of everything that the server has: what the teacher's
labels bring without a word from the user. A system like another, that all users of the plan have
from one cell."""

OF_MIXTURE: tuple[Probe, ...] = (ComponentsProbe(),)
OF_NIGHT: tuple[Probe, ...] = (SamplesProbe(), TwoSamplesProbe())
OF_USER: tuple[Probe, ...] = (CertaintyProbe(), YardsticksProbe())
"""What is told of a user whatever her mixture."""

_log = logging.getLogger(__name__)


def paper_design(
    settings: Settings, plan: Plan, profiles: Profiles, corpora: Sequence[Corpus]
) -> Design:
    """A cell for each mixture, of the users who have it, and if it is asked why, for distilled.

    Devices of a cell are served together, which changes nothing for a strategy that treats each by
    itself; one that pools devices pools those of the cell.

    Args:
        settings: Of every repetition, but for the seed and the number of users.
        plan: Which points there are.
        profiles: One user is drawn from each.

    Raises:
        SettingsError: If the plan names users that the profiles lack, or there can be no figure.
    """
    variants = personal_variants(settings, plan, profiles, OF_NIGHT if plan.why else ())
    if plan.why:
        first = variants[0].settings
        strategy, aggregator = _distilled(settings.strategy), NothingAggregator()
        alone = replace(first, aggregator=aggregator, strategy=strategy, probes=OF_USER)
        variants.append(Variant(label=(DISTILLED,), settings=alone, profiles=plan.users))
    return Design(tuple(variants), plan.n_repetitions, profiles, corpora)


def personal_variants(
    settings: Settings, plan: Plan, profiles: Profiles, probes: Sequence[Probe] = ()
) -> list[Variant]:
    """Typical users with the settings' own mixture, distant ones with each of the plan's.

    Raises:
        SettingsError: If there can be no such cells.
    """
    gmm, strategy = settings.aggregator, settings.strategy
    if not (isinstance(gmm, GmmAggregator) and isinstance(strategy, Retraining)):
        raise SettingsError(
            f"study: the figures need aggregator 'gmm' and a strategy that samples mixtures, "
            f"got {gmm.name!r} and {strategy.name!r}; see fedasc compare for others"
        )
    if settings.nights != NightsSettings():
        raise SettingsError(
            "study: the figures are of one night that all take part in; take the section [nights] "
            "out, or see fedasc compare for others"
        )
    for name in plan.users:
        if name not in profiles.users:
            raise SettingsError(
                f"study: {profiles.where} has no user {name!r}, it has "
                f"{', '.join(profiles.users)}; say which ones are typical and which are "
                "distant in the section [study] of a preset of your own"
            )
    together = _together(settings.probes, (*OF_MIXTURE, *probes))
    shared = replace(settings, n_clients=len(profiles.users), probes=together)
    diagonal = [replace(gmm, n_components=n, covariance="diagonal") for n in plan.components]
    full = [replace(gmm, n_components=n, covariance="full") for n in plan.full_components]
    cells = [(gmm, plan.typical), *((mixture, plan.distant) for mixture in (*diagonal, *full))]
    return [
        Variant(
            label=(name_of(mixture),), settings=replace(shared, aggregator=mixture), profiles=users
        )
        for mixture, users in cells
    ]


def name_of(gmm: GmmAggregator) -> str:
    """What a personal classifier is called in tables, such as N=16 or N=4 full."""
    return f"N={gmm.n_components}{' full' if gmm.covariance == 'full' else ''}"


def warn_of_samples(results: Sequence[Result]) -> None:
    """Warn of personal classifiers whose samples were few or one-sided."""
    personal = [result for result in results if result.variant.label != (DISTILLED,)]
    n_all = sum(len(result.records) for result in personal)
    for is_bad, what, column in (
        (_has_few, "got fewer artificial samples than wanted", "n_kept"),
        (_is_one_sided, "got artificial samples that hardly hold one of the scenes", "collapsed"),
    ):
        bad = [
            result.variant.label[0] for result in personal for _ in filter(is_bad, result.records)
        ]
        if bad:
            names = ", ".join(dict.fromkeys(bad))
            _log.warning(
                "%d of %d personal classifiers %s, with %s; see %s in points.csv",
                len(bad), n_all, what, names, column,
            )  # fmt: skip


def _has_few(record: DeviceRecord) -> bool:
    return record.tally is not None and record.tally.n_kept < record.tally.n_wanted


def _is_one_sided(record: DeviceRecord) -> bool:
    return bool(record.facts.get("collapsed"))


def _distilled(strategy: Strategy) -> DistilledStrategy:
    """Made as a strategy makes personal classifiers, but that the server's set needs no memory."""
    known = {field.name for field in fields(DistilledStrategy)} - {"memory"}
    return DistilledStrategy(**{k: v for k, v in vars(strategy).items() if k in known})


def _together(asked: Sequence[Probe], ours: Sequence[Probe]) -> tuple[Probe, ...]:
    """Probes that a file names, and those of ours that tell what none of them does."""
    told = {column for probe in asked for column in probe.columns}
    return (*asked, *(probe for probe in ours if told.isdisjoint(probe.columns)))
