"""What every probe must do, whoever wrote it."""

import pickle
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from fedasc.aggregators.moments import MomentsAggregator
from fedasc.probes.diagnosis import told_by
from fedasc.probes.probe import Probe
from fedasc.probes.sight import Sight
from fedasc.seeds import Purpose
from fedasc.strategies.none import NoStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.testing.bits import bits_of, what_differs
from fedasc.testing.contract import must, must_leave_global_draws_alone, must_succeed
from fedasc.testing.days import sounds
from fedasc.testing.night import DEVICES, STREAMS, SmallNight
from fedasc.testing.server import small_server
from fedasc.testing.settings import check_settings


def check_probe(probe: Probe) -> None:
    """Hold a probe to all that the tables of results rely on.

    It looks at devices that are made up, of which some sent nothing or got nothing.

    Raises:
        AssertionError: Of the first thing that it doesn't do, in one line.
    """
    check_settings(probe)
    for check in (
        declares_its_columns,
        looks_at_everyone,
        draws_from_its_sight,
        leaves_its_sight_alone,
    ):
        check(probe)


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
    night = SmallNight.of(MomentsAggregator(), devices=DEVICES[:2])
    strategy = PersonalisedStrategy(n_epochs=1)
    personal = night.served(strategy).personal
    device = DEVICES[0]
    served = Sight(
        device=device,
        night=0,
        heard=night.heard[device],
        evaluation=sounds(40, seed=device),
        summary=night.summaries[device],
        personal=personal[device],
        server=small_server(),
        strategy=strategy,
        draws=STREAMS.sequence(Purpose.DIAGNOSIS, 0, device),
    )
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
