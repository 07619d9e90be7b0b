"""A cluster of one's own that starts, and ends, while this process does something else."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fedasc.flower.cluster import Cluster


class EarlyCluster(AbstractContextManager["Cluster"]):
    """Begins to start when it is told to, and where it is entered it is there.

    Its processes are on their way then. What starts Ray's processes must stay alive as long as
    they, or Linux ends them; so a thread waits all the time.

    Args:
        n_workers: CPUs of the cluster.
    """

    def __init__(self, n_workers: int) -> None:
        self._n_workers = n_workers
        self._is_there, self._is_over = Event(), Event()
        self._cluster: Cluster | None = None
        self._error: BaseException | None = None
        self._thread = Thread(target=self._live, name="cluster", daemon=True)

    def begin(self) -> None:
        """Start it, unless that was done before."""
        if self._thread.ident is None:
            self._thread.start()

    def __enter__(self) -> "Cluster":
        """Wait until it is there.

        Raises:
            RunError: If it can't be started; see `opened`.
        """
        self.begin()
        self._is_there.wait()
        if self._error:
            raise self._error
        assert self._cluster
        return self._cluster

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Begin to end it."""
        self._is_over.set()

    def gone(self) -> None:
        """Wait until nothing is left of it, whether it was entered or not."""
        self._is_over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _live(self) -> None:
        try:
            with opened(self._n_workers) as self._cluster:
                self._cluster.processes.start(self._n_workers)
                self._is_there.set()
                self._is_over.wait()
        except BaseException as error:  # told where it is entered
            self._error = error
        finally:
            self._is_there.set()


@contextmanager
def opened(n_workers: int) -> Iterator["Cluster"]:
    """A cluster of one's own; what isn't needed to start it is imported when it is there.

    Raises:
        RunError: If it can't be started.
    """
    from fedasc.flower.local_cluster import started

    with started(n_workers):
        from fedasc.flower.cluster import this_cluster

        yield this_cluster()
