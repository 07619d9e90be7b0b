"""What every probe must do, whoever wrote it."""

import pickle
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial

from fedasc.aggregators.moments import MomentsAggregator
from fedasc.made_up.night import DEVICES, SmallNight
from fedasc.made_up.sights import sights_of
from fedasc.probes.diagnosis import told_by
from fedasc.probes.probe import Probe
from fedasc.probes.sight import Sight
from fedasc.strategies.none import NoStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.testing.bits import bits_of, what_differs
from fedasc.testing.contract import must, must_leave_global_draws_alone, must_succeed
from fedasc.testing.settings import settings_checks
from fedasc.testing.suite import Check, in_words


def check_probe(probe: Probe) -> None:
    """Hold a probe to all that the tables of results rely on.

    It looks at devices that are made up, of which some sent nothing or got nothing.

    Raises:
        AssertionError: Of the first thing that it doesn't do, in one line.
    """
    for check in probe_checks(probe):
        check.run()


def probe_checks(probe: Probe) -> list[Check]:
    """All that it is held to, one by one."""
    cures: dict[Callable[[Probe], None], tuple[str, str]] = {
        declares_its_columns: ("columns", 'name them: columns = ("loudest_db",)'),
        looks_at_everyone: (
            "look",
            "tell nothing but what columns names, as texts, numbers or truth values; "
            "sight.summary and sight.personal may be None: leave columns out then",
        ),
        draws_from_its_sight: ("look", "draw from sight.rng() alone"),
        leaves_its_sight_alone: ("look", "copy what you change: x = sight.heard.x.copy()"),
    }
    return [
        *settings_checks(probe),
        *(
            Check(name=in_words(check), run=partial(check, probe), method=method, cure=cure)
            for check, (method, cure) in cures.items()
        ),
    ]


def declares_its_columns(probe: Probe) -> None:
    """Names are known before anything is seen."""
    names = probe.columns
    holds = isinstance(names, tuple) and all(isinstance(name, str) and name for name in names)
    contract = "declare a tuple of columns, each once"
    must(probe, contract, holds and len(set(names)) == len(names), f"it declares {names!r}")


def looks_at_everyone(probe: Probe) -> None:
    """And tells texts, numbers and truth values of what it declared, wherever something is."""
    for who, sight in _sights().items():
        with must_succeed(probe, f"tell of {who} what it declares, in texts and numbers"):
            told_by(probe, sight)


def draws_from_its_sight(probe: Probe) -> None:
    """It may be asked again, by other workers and after other devices."""
    with must_leave_global_draws_alone(probe):
        first = {who: dict(probe.look(sight)) for who, sight in _sights().items()}
        again = {who: dict(probe.look(sight)) for who, sight in reversed([*_sights().items()])}
    for who in what_differs(first, again):
        contract = f"tell the same of {who} whenever it looks"
        must(probe, contract, False, f"it told {first[who]}, then {again[who]}")


def leaves_its_sight_alone(probe: Probe) -> None:
    """Other probes look at it too."""
    for who, sight in _sights().items():
        before = bits_of(sight)
        probe.look(sight)
        must(probe, f"alter nothing of {who}", bits_of(sight) == before, "it did")


@cache
def _made() -> bytes:
    """Sights as a pickle, so that nobody alters another's."""
    night = SmallNight.of(MomentsAggregator(), devices=DEVICES[:1])
    strategy = PersonalisedStrategy(n_epochs=1)
    (served,) = sights_of(night, strategy, night.served(strategy).personal).values()
    return pickle.dumps(
        {
            "a device": served,
            "a device that was served nothing": replace(served, personal=None),
            "a device that sent nothing": replace(served, summary=None, personal=None),
            "a device of strategy 'none'": replace(served, personal=None, strategy=NoStrategy()),
        }
    )


def _sights() -> Mapping[str, Sight]:
    """What there is to see, by whose it is."""
    sights: Mapping[str, Sight] = pickle.loads(_made())
    return sights
