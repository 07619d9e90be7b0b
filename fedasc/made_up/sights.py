"""What a probe sees of devices of a night that is made up."""

from collections.abc import Mapping

from fedasc.made_up.days import sounds
from fedasc.made_up.night import STREAMS, SmallNight
from fedasc.made_up.server import small_server
from fedasc.probes.sight import Sight
from fedasc.seeds import Purpose
from fedasc.strategies.round_result import Personal
from fedasc.strategies.strategy import Strategy

_N_EVALUATION = 40


def sights_of(
    night: SmallNight, strategy: Strategy, personal: Mapping[int, Personal]
) -> Mapping[int, Sight]:
    """What there is to see, by device.

    Args:
        strategy: How the night's summaries were served.
        personal: What devices got.
    """
    return {
        device: Sight(
            device=device,
            night=night.number,
            heard=heard,
            evaluation=sounds(_N_EVALUATION, seed=device),
            summary=night.summaries[device],
            personal=personal.get(device),
            server=small_server(),
            strategy=strategy,
            draws=STREAMS.sequence(Purpose.DIAGNOSIS, night.number, device),
        )
        for device, heard in night.heard.items()
    }
