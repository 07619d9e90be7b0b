import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import flwr
import numpy as np
import pytest
import ray
from flwr.app import Context, Message
from flwr.clientapp import ClientApp
from ray.cluster_utils import Cluster as RayCluster

import fedasc
from benchmarks.memory import family
from fedasc.corpus.clips import CLIP_SAMPLES, ClipShelf
from fedasc.device import Devices
from fedasc.errors import RunError, SettingsError
from fedasc.execution import Execution
from fedasc.flower.client_app import make_client_app
from fedasc.flower.cluster import Cluster, RayWorkers, open_cluster
from fedasc.flower.engine import run_flower
from fedasc.flower.processes import Processes
from fedasc.flower.shared import Shared
from fedasc.flower.token import forget
from fedasc.night import run_night
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.world import World
from tests.worlds import AGGREGATOR, RELEASE, content_of

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]


_GUARD = """
import sys

def refuse(event, arguments):
    path = str(arguments[0]) if event in ("open", "os.listdir", "os.scandir") else ""
    if any(path.startswith(folder) for folder in {folders}) and "/__pycache__/fedasc-" not in path:
        raise PermissionError(13, "on another machine", path)

sys.addaudithook(refuse)
"""
"""Keeps the processes of a machine from all files of another one but for machine code."""


@dataclass(frozen=True)
class Machines:
    """Two nodes of a cluster with one CPU each, the first of them that of the tests' process.

    They have homes and caches of their own, and the second can open no file of fedasc, of tests and
    of clips on the first.

    Args:
        address: Of the cluster.
        homes: Folder of each.
    """

    address: str
    homes: tuple[Path, Path]


@pytest.fixture
def two_machines(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machines]:
    """They ask for a token, which the user has."""
    monkeypatch.setenv("RAY_AUTH_TOKEN", "of the cluster")
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    forget()
    homes = (tmp_path / "first", tmp_path / "second")
    for home in homes:
        home.mkdir()
    (homes[1] / "sitecustomize.py").write_text(
        _GUARD.format(folders=[*map(str, first_alone(world))])
    )
    package = Path(fedasc.__file__).parent
    with TemporaryDirectory(prefix="r", dir="/tmp") as files, ExitStack() as started:
        cluster = RayCluster()
        started.callback(forget)
        started.callback(monkeypatch.undo)
        started.callback(cluster.shutdown)
        started.callback(ray.shutdown)
        for number, home in enumerate(homes):
            with monkeypatch.context() as patch:
                patch.setenv("HOME", str(home))
                patch.setenv("FEDASC_CACHE", str(home / "cache"))
                patch.setenv("PYTHONPATH", str(home))
                # or the kernels would be compiled
                patch.setenv("NUMBA_CACHE_DIR", str(package / "arithmetic" / "__pycache__"))
                cluster.add_node(
                    num_cpus=1,
                    include_dashboard=False,
                    temp_dir=str(Path(files) / "r") if number else None,
                )
        cluster.wait_for_nodes()
        yield Machines(cluster.address, homes)


def first_alone(world: World) -> tuple[Path, ...]:
    """Folders that only the first machine has."""
    (clips,) = cast(ClipShelf, world.scenario.clips).files
    package = Path(fedasc.__file__).parent
    return package, package.with_name("tests"), clips.path.parent


@dataclass(frozen=True)
class Together:
    """A client app that begins when there is a process on each of two machines."""

    app: ClientApp
    meeting: Path

    def __call__(self, message: Message, context: Context) -> Message:
        (self.meeting / ray.get_runtime_context().get_node_id()).touch()
        until = time.monotonic() + 60
        while len(list(self.meeting.iterdir())) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        return self.app(message, context)


def node_of(asked: tuple[float, Path], item: int) -> tuple[int, str, Path, str, str]:
    """Takes a while, and tells where it was done and with which fedasc, and what a file holds."""
    seconds, file = asked
    time.sleep(seconds)
    try:
        content = file.read_text()
    except PermissionError as error:
        content = str(error.strerror)
    node, threads = ray.get_runtime_context().get_node_id(), os.environ["OMP_NUM_THREADS"]
    return item, node, Path(fedasc.__file__), content, threads


def test_two_machines_that_share_no_folder_give_the_bits_of_one_process(
    world: World, two_machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = two_machines.address
    with monkeypatch.context() as patch:
        patch.setenv("RAY_AUTH_TOKEN", "of another cluster")
        with pytest.raises(RunError, match="that is given is another"):
            open_cluster(1, address).__enter__()
    monkeypatch.delenv("RAY_AUTH_MODE")  # nobody thinks of it

    how = {"aggregator": AGGREGATOR, "release": RELEASE, "strategy": PersonalisedStrategy()}
    expected, _ = run_night(world.scenario, world.server, **how)  # type: ignore[arg-type]
    meeting = tmp_path / "meeting"
    meeting.mkdir()

    def make_app(devices: Shared[Devices]) -> ClientApp:
        return cast(ClientApp, Together(make_client_app(devices), meeting))

    (found,) = run_flower(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=PersonalisedStrategy(),
        execution=Execution(address=address, per_node=1),
        make_app=make_app,
    )
    assert content_of(found) == content_of(expected)
    assert len(list(meeting.iterdir())) == 2

    first, second = (home / "cache" for home in two_machines.homes)
    for cache in (first, second):
        assert list((cache / "features").iterdir())
    assert not (first / "lent").exists()  # which sees the clips
    (lent,) = (second / "lent").glob("*/samples.i16")
    (clips,) = cast(ClipShelf, world.scenario.clips).files
    kept = np.fromfile(lent, "<i2").reshape(clips.n_clips, CLIP_SAMPLES)
    n_whole = sum(np.array_equal(kept[i], clips.stored(i)) for i in range(clips.n_clips))
    assert 0 < n_whole == np.count_nonzero(kept.any(axis=1)) < clips.n_clips

    here = Path(fedasc.__file__)
    with open_cluster(1, address) as cluster:
        assert (cluster.n_cpus, cluster.n_gpus) == (2, 0)
        workers = RayWorkers(cluster, torch_device="cpu")
        done = list(workers.map(node_of, (0.2, here), range(8)))
    assert [item for item, *_ in done] == list(range(8))
    assert len({node for _, node, *_ in done}) == 2
    assert here not in {place for _, _, place, *_ in done}
    assert {content for *_, content, _ in done} == {here.read_text(), "on another machine"}
    assert {threads for *_, threads in done} == {"1"}


def flower_of(shared: None, item: int) -> tuple[str, str]:
    """Which Flower a process has, and from where."""
    return flwr.__version__, flwr.__file__


def fails(shared: str, item: int) -> int:
    if item == 2:
        raise SettingsError(f"{shared} {item}")
    return item


def dies(shared: None, item: int) -> None:
    logging.disable()
    os._exit(1)


class TestWorkers:
    """On a cluster that lives for all of them, and ends with the last."""

    @pytest.fixture(scope="class")
    def workers(self) -> Iterator[RayWorkers]:
        with open_cluster(1) as cluster:
            yield RayWorkers(cluster, torch_device="cpu")

    def test_every_process_has_the_same_flower(self, workers: RayWorkers) -> None:
        (there,) = workers.map(flower_of, None, [0])
        assert there == flower_of(None, 0)

    def test_an_error_of_the_server_comes_back_as_it_was(self, workers: RayWorkers) -> None:
        with pytest.raises(SettingsError) as told:
            list(workers.map(fails, "no good", range(4)))
        assert str(told.value) == "no good 2"
        assert "in fails" in told.value.__notes__[0]  # where it came up

    def test_a_worker_that_is_lost_again_and_again_ends_the_run(self, workers: RayWorkers) -> None:
        with pytest.raises(RunError, match="a worker of the server was lost"):
            list(workers.map(dies, None, [0]))


def told_of(shared: None, item: int) -> tuple[int, str | None]:
    """Which process this is, and how many threads libraries may have in it."""
    return os.getpid(), os.environ.get("OMP_NUM_THREADS")


def commands_of_family() -> list[str]:
    """Command lines of all that this process has started, or what they call themselves."""
    lines = []
    for member in family(os.getpid()) - {os.getpid()}:
        with suppress(OSError):  # it has ended
            line = (Path("/proc") / str(member) / "cmdline").read_text()
            lines.append(line.replace("\0", " ").strip())
    return sorted(lines)


def test_nothing_starts_but_what_works() -> None:
    with open_cluster(2) as cluster:
        workers = RayWorkers(cluster, torch_device="cpu")
        told = {*workers.map(told_of, None, range(8))}
        until = time.monotonic() + 30  # Ray names its processes, and ends some, when it comes to it
        while True:
            commands = commands_of_family()
            working = [line for line in commands if line.startswith(("ray::_Process", "ray::IDLE"))]
            if working == ["ray::_Process"] * 2 or time.monotonic() > until:
                break
            time.sleep(0.1)
    assert {threads for _, threads in told} == {"1"}
    assert not [line for line in commands if "monitor" in line or "dashboard.py" in line]
    assert working == ["ray::_Process"] * 2, "\n".join(commands)
    assert [line for line in commands if line.startswith("ray::")] == working
    assert not [line for line in commands if line.startswith(sys.executable) and "/ray/" in line]


def test_what_stands_in_for_agents_ends_with_what_started_it() -> None:
    with open_cluster(1):
        (raylet,) = (one for one in family(os.getpid()) if name_and_state(one)[0] == "raylet")
        stand_ins = [one for one in family(raylet) if name_and_state(one)[0] == "sh"]
        os.kill(raylet, signal.SIGKILL)
        until = time.monotonic() + 30
        while left := [one for one in stand_ins if name_and_state(one)[1] not in "ZX"]:
            assert time.monotonic() < until, left
            time.sleep(0.1)
    assert len(stand_ins) == 2


def name_and_state(process: int) -> tuple[str, str]:
    """A letter for its state, as Linux has it: X where there is none any more."""
    try:
        name, _, rest = (Path("/proc") / str(process) / "stat").read_text().rpartition(")")
    except OSError:
        return "", "X"
    return name.partition("(")[2], rest.split()[0]


def test_devices_and_server_have_the_same_processes() -> None:
    with open_cluster(2) as cluster:
        processes = cluster.processes
        workers = RayWorkers(cluster, torch_device="cpu")
        before = {process for process, _ in workers.map(told_of, None, range(8))}
        processes.start(2)
        taken = [processes.take(), processes.take()]
        assert processes.take() is None
        device = taken[0]
        processes.drop(device)
        processes.give_back(taken[1])
        after = {process for process, _ in workers.map(told_of, None, range(8))}
    assert len(before) == len(after) == 2
    assert len(before & after) == 1


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
        RayWorkers(Cluster(2, 0, Processes(2)), torch_device="cuda")


def test_as_many_workers_share_a_gpu_as_cpus_allow() -> None:
    assert RayWorkers(Cluster(16, 1, Processes(16)), torch_device="cuda").n_workers == 4
    assert RayWorkers(Cluster(2, 1, Processes(2)), torch_device="cuda").n_workers == 2
