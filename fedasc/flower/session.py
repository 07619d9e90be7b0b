"""What this process has of Ray, from joining a cluster to leaving it."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray

from fedasc.flower.token import forget


@contextmanager
def session() -> Iterator[None]:
    """What leaves nothing of Ray in this process at the end."""
    try:
        yield
    finally:
        ray.shutdown()
        forget()


def join(**options: Any) -> None:
    """Start or join a cluster, and go on to end as before on SIGTERM.

    Ray would end the process with a code of its own, and later dump its stack. And whatever
    `log_to_driver` says, it would tell on stdout of every process that dies, where --json writes.
    """
    ray._private.worker._worker_logs_enabled = False
    before, utils = signal.getsignal(signal.SIGTERM), ray._private.utils
    set_handler = utils.set_sigterm_handler
    utils.set_sigterm_handler = lambda handler: None
    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
    finally:
        utils.set_sigterm_handler = set_handler
        if before is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
