import pytest
from flwr.app import ConfigRecord, MetricRecord, RecordDict
from hypothesis import given
from hypothesis import strategies as st

from fedasc.errors import MessageError, SettingsError
from fedasc.flower.hosts import Hosts, bundle, even_hosts, unbundle


@given(n_devices=st.integers(1, 300), per_node=st.integers(1, 400))
def test_every_device_has_one_node(n_devices: int, per_node: int) -> None:
    hosts = Hosts(n_devices, per_node)
    hosted = [list(hosts.devices(node)) for node in range(hosts.n_nodes)]
    assert [device for devices in hosted for device in devices] == list(range(n_devices))
    assert all(devices and len(devices) <= per_node for devices in hosted)


@given(n_devices=st.integers(1, 10_000), n_workers=st.integers(1, 64))
def test_messages_are_few_and_nobody_waits_long(n_devices: int, n_workers: int) -> None:
    hosts = even_hosts(n_devices, n_workers)
    assert hosts.per_node <= 50
    assert hosts.n_nodes >= min(n_devices, 2 * n_workers)
    assert hosts.n_nodes <= max(4 * n_workers, n_devices / 50 + 1)


def test_a_node_without_devices_is_refused() -> None:
    with pytest.raises(SettingsError, match="at least 1, got 0"):
        Hosts(3, 0)


def content(n: int) -> RecordDict:
    return RecordDict({"device": ConfigRecord({"index": n}), "day": MetricRecord({"n": n})})


def test_what_is_bundled_comes_apart_again() -> None:
    contents = unbundle(bundle({11: content(11), 2: content(2)}))
    assert contents == {2: content(2), 11: content(11)}
    assert list(contents) == [2, 11]
    assert unbundle(bundle({})) == {}


@pytest.mark.parametrize(
    "name",
    [
        "day",
        "1",
        "1/",
        "/day",
        "x/day",
        "-1/day",
        "01/day",
        "²/day",
        "1\n/day",
        "1234567890/day",
        "9" * 5000 + "/day",
    ],
)
def test_a_record_of_no_device_is_refused(name: str) -> None:
    with pytest.raises(MessageError, match="expected the records of devices, got"):
        unbundle(RecordDict({name: MetricRecord({"n": 1})}))
