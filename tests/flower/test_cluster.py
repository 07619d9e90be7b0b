import logging
import os
import time
from collections.abc import Iterator

import flwr
import pytest
import ray
from ray.cluster_utils import Cluster as RayCluster

from fedasc.errors import RunError, SettingsError
from fedasc.execution import Execution
from fedasc.flower.cluster import Cluster, RayWorkers, open_cluster
from fedasc.flower.engine import run_flower
from fedasc.flower.token import forget
from fedasc.night import run_night
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.world import World
from tests.worlds import AGGREGATOR, RELEASE, content_of

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def two_machines(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a cluster of two nodes with one CPU each, both on this machine.

    It asks for a token, which the user has.
    """
    monkeypatch.setenv("RAY_AUTH_TOKEN", "of the cluster")
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    forget()
    cluster = RayCluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    try:
        cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes()
        yield cluster.address
    finally:
        ray.shutdown()
        cluster.shutdown()  # type: ignore[no-untyped-call]
        monkeypatch.undo()
        forget()


def test_a_night_on_two_machines_is_bitwise_one_in_one_process(
    world: World, two_machines: str
) -> None:
    how = {"aggregator": AGGREGATOR, "release": RELEASE, "strategy": PersonalisedStrategy()}
    expected, _ = run_night(world.scenario, world.server, **how)  # type: ignore[arg-type]
    (found,) = run_flower(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=PersonalisedStrategy(),
        execution=Execution(address=two_machines, per_node=1),
    )
    assert content_of(found) == content_of(expected)


def node_of(seconds: float, item: int) -> tuple[int, str, str]:
    """Takes a while, and tells where it was done."""
    time.sleep(seconds)
    threads = os.environ["OMP_NUM_THREADS"]
    return item, ray.get_runtime_context().get_node_id(), threads


def test_the_servers_work_is_shared_by_the_machines_and_comes_back_in_order(
    two_machines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("RAY_AUTH_TOKEN", "of another cluster")
        with pytest.raises(RunError, match="that is given is another"):
            open_cluster(1, two_machines).__enter__()
    monkeypatch.delenv("RAY_AUTH_MODE")  # nobody thinks of it
    with open_cluster(1, two_machines) as cluster:
        assert (cluster.n_cpus, cluster.n_gpus) == (2, 0)
        workers = RayWorkers(cluster, torch_device="cpu")
        found = list(workers.map(node_of, 0.2, range(8)))
    assert [item for item, _, _ in found] == list(range(8))
    assert len({node for _, node, _ in found}) == 2
    assert {threads for _, _, threads in found} == {"1"}


@pytest.fixture
def workers() -> Iterator[RayWorkers]:
    with open_cluster(1) as cluster:
        yield RayWorkers(cluster, torch_device="cpu")


def flower_of(shared: None, item: int) -> tuple[str, str]:
    """Which Flower a process has, and from where."""
    return flwr.__version__, flwr.__file__


def test_every_process_has_the_same_flower(
    workers: RayWorkers,
) -> None:
    (there,) = workers.map(flower_of, None, [0])
    assert there == flower_of(None, 0)


def fails(shared: str, item: int) -> int:
    if item == 2:
        raise SettingsError(f"{shared} {item}")
    return item


def dies(shared: None, item: int) -> None:
    logging.disable()
    os._exit(1)


def test_an_error_of_the_server_comes_back_as_it_was(
    workers: RayWorkers,
) -> None:
    with pytest.raises(SettingsError, match=r"^no good 2$"):
        list(workers.map(fails, "no good", range(4)))


def test_a_worker_that_is_lost_again_and_again_ends_the_run(
    workers: RayWorkers,
) -> None:
    with pytest.raises(RunError, match="a worker of the server was lost"):
        list(workers.map(dies, None, [0]))


def test_a_cluster_that_is_not_there_is_named() -> None:
    with (
        pytest.raises(RunError, match=r"no Ray cluster at '127.0.0.1:1'; start one"),
        open_cluster(1, "127.0.0.1:1"),
    ):
        pass


@pytest.mark.parametrize("address", ["head", "head:", ":6379", "ray://head:10001x"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="expected host:port"), open_cluster(1, address):
        pass


def test_a_cluster_without_a_gpu_is_refused_for_cuda() -> None:
    with pytest.raises(SettingsError, match="Ray finds no GPU"):
        RayWorkers(Cluster(2, 0), torch_device="cuda")


def test_as_many_workers_share_a_gpu_as_cpus_allow() -> None:
    assert RayWorkers(Cluster(16, 1), torch_device="cuda").n_workers == 4
    assert RayWorkers(Cluster(2, 1), torch_device="cuda").n_workers == 2
