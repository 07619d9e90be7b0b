import json

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.comparison.outcome import CLASSIFIERS, DeviceNight, devices_of
from fedasc.night import run_nights
from fedasc.release.release import Release
from fedasc.strategies.global_model import GlobalStrategy
from tests.worlds import N_HEARD, tiny_world


def test_tells_every_device_and_survives_json() -> None:
    world = tiny_world()
    nights = run_nights(
        world.scenario,
        world.server,
        aggregator=GmmAggregator(n_components=1),
        release=Release(),
        strategy=GlobalStrategy(n_epochs=1),
    )
    devices = devices_of(world.scenario, nights)
    assert [its.device for its in devices] == [0, 1, 2, 3]
    assert [its.profile for its in devices] == ["home", "town", "home", "town"]
    assert {its.took_part for its in devices} == {"in time"}
    assert {its.bytes_up for its in devices} == {4 * 91}
    assert {its.n_windows for its in devices} == {N_HEARD}
    assert {its.bytes_down for its in devices} == {world.server.baseline.n_bytes}
    for its in devices:
        scores = nights[0].scores[its.device]
        assert its.accuracy["personal"] == scores["personal"].accuracy
        assert its.accuracy.keys() == set(CLASSIFIERS)
        text = json.dumps(its.as_json())
        again = DeviceNight.of_json(json.loads(text))
        assert json.dumps(again.as_json()) == text
        assert again.accuracy == its.accuracy
