"""A cluster that starts beside other work; Ray itself is started elsewhere."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from fedasc.errors import RunError
from fedasc.flower import early
from fedasc.flower.cluster import Cluster
from fedasc.flower.early import EarlyCluster
from fedasc.flower.processes import Processes


class Started:
    """In place of processes: how many were begun."""

    def __init__(self) -> None:
        self.n = 0

    def start(self, n: int) -> None:
        self.n = n


CLUSTER = Cluster(3, 0, cast(Processes, Started()))


class Opened:
    """In place of Ray: tells what was done, and by which thread."""

    def __init__(self) -> None:
        self.may_start = threading.Event()
        self.told: list[tuple[str, int]] = []

    @contextmanager
    def __call__(self, n_workers: int) -> Iterator[Cluster]:
        assert n_workers == CLUSTER.n_cpus
        self.may_start.wait(10)
        self._tell("start")
        try:
            yield CLUSTER
        finally:
            self._tell("end")

    def _tell(self, what: str) -> None:
        self.told.append((what, threading.get_ident()))

    @property
    def done(self) -> list[str]:
        return [what for what, _ in self.told]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    opened = Opened()
    monkeypatch.setattr(early, "opened", opened)
    return opened


def test_it_starts_when_told_to_and_is_waited_for_where_it_is_entered(opened: Opened) -> None:
    cluster = EarlyCluster(3)
    cluster.begin()
    assert not opened.done  # it goes on here though nothing is there yet
    opened.may_start.set()
    with cluster as there:
        assert there == CLUSTER
        assert cast(Started, there.processes).n == 3
        assert opened.done == ["start"]
    cluster.gone()
    assert opened.done == ["start", "end"]


def test_one_thread_lives_as_long_as_the_cluster(opened: Opened) -> None:
    """When the one ends that started Ray's processes, these are killed."""
    opened.may_start.set()
    cluster = EarlyCluster(3)
    with cluster:
        (_, first), *_ = opened.told
        assert first in {thread.ident for thread in threading.enumerate()}
    cluster.gone()
    assert {number for _, number in opened.told} == {first} != {threading.get_ident()}


def test_one_that_never_began_leaves_nothing_to_end(opened: Opened) -> None:
    EarlyCluster(3).gone()
    assert not opened.done


def test_one_that_began_is_ended_though_nobody_entered_it(opened: Opened) -> None:
    cluster = EarlyCluster(3)
    cluster.begin()
    opened.may_start.set()
    cluster.gone()
    assert opened.done == ["start", "end"]


def test_what_goes_wrong_is_told_where_it_is_entered(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def broken(n_workers: int) -> Iterator[Cluster]:
        raise RunError("Ray can't be started")
        yield

    monkeypatch.setattr(early, "opened", broken)
    cluster = EarlyCluster(3)
    cluster.begin()
    with pytest.raises(RunError, match="can't be started"), cluster:
        pass
    cluster.gone()
