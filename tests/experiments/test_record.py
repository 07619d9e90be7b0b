import json
from dataclasses import replace

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.audio.microphone import Microphone
from fedasc.audio.response import Response
from fedasc.evaluation.scores import CLASSIFIERS
from fedasc.experiments.record import DeviceRecord, records_of
from fedasc.night import Night, run_nights
from fedasc.population.attendance import Attendance
from fedasc.release.release import Release
from fedasc.settings import DEFAULT_PROBES
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
        probes=DEFAULT_PROBES,
    )
    records = records_of(world.scenario, nights[0])
    assert [record.device for record in records] == [0, 1, 2, 3]
    assert [record.profile for record in records] == ["home", "town", "home", "town"]
    assert {record.took_part for record in records} == {"in time"}
    assert {record.bytes_up for record in records} == {4 * 91}
    assert {record.n_windows for record in records} == {N_HEARD}
    assert {record.bytes_down for record in records} == {world.server.baseline.n_bytes}
    for record in records:
        scores = nights[0].scores[record.device]
        assert record.accuracy["personal"] == scores["personal"].accuracy
        assert record.accuracy.keys() == set(CLASSIFIERS)
        text = json.dumps(record.as_json())
        again = DeviceRecord.of_json(json.loads(text))
        assert json.dumps(again.as_json()) == text
        assert again.accuracy == record.accuracy


def test_a_microphone_is_told_as_far_as_there_is_something_to_tell() -> None:
    scenario = tiny_world().scenario
    plain, *others = scenario.users
    front = Response(name="front", taps=(1.0,))
    odd = replace(
        plain,
        surroundings=replace(plain.surroundings, microphone="s1"),
        microphone=Microphone(response=front, self_noise_db_spl=29.00049),
    )
    night = Night(0, Attendance(members=(0, 1), on_time=(), late=()), {}, {}, {0: {}, 1: {}}, {})
    first, second = records_of(replace(scenario, users=(odd, *others)), night)
    told = {"microphone": "s1", "response": "front", "self_noise_db_spl": 29.0}
    assert {**first.surroundings, **told} == first.surroundings
    assert not {*told, "clipping_db_spl"} & {*second.surroundings}
