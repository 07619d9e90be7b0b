"""Which of Ray's processes a cluster of one's own has.

Little is imported here; see `fedasc.flower.local_cluster`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ray
from ray._private.node import Node
from ray._private.parameter import RayParams

_AGENTS_PORTS = {
    "metrics_agent_port": -1,
    "metrics_export_port": -1,
    "dashboard_agent_listen_port": -1,
    "runtime_env_agent_port": 1,
}
"""What Ray's agents would tell: -1 where nobody listens, but one port must be none of these."""
_AGENTS_COMMAND = "_build_python_executable_command_memory_profileable"
_AGENT = ["/bin/sh", "-c", "read line"]
_TELLS_ITS_END = "enable_pipe_based_agent_to_parent_health_check"


@contextmanager
def only_workers(environment: Mapping[str, str]) -> Iterator[None]:
    """Where Ray starts a cluster without those of its processes that nobody here asks anything.

    Those are the server of a dashboard, an autoscaler, one that reads logs, and two agents:
    interpreters that take as long to start as those that work.

    Args:
        environment: Variables of the processes that work. As an environment of a job's, Ray would
            throw away the processes that it has started before it knows the job.
    """
    parameters: Any = ray._private.parameter  # whose names are types and methods to mypy
    node: Any = Node
    start = node.start_api_server

    def few(**options: Any) -> RayParams:
        options |= {"no_monitor": True, "include_log_monitor": False, "env_vars": environment}
        options["_system_config"] = {_TELLS_ITS_END: True}
        return RayParams(**options)

    parameters.RayParams = few
    node.start_api_server = lambda self, **options: None
    try:
        with _idle_agents():
            yield
    finally:
        parameters.RayParams, node.start_api_server = RayParams, start


@contextmanager
def _idle_agents() -> Iterator[None]:
    """Where Ray starts what waits for its end in place of its agents.

    It starts no other process until they have told their ports, and ends when one of them does. An
    earlier Ray, which doesn't wait, has its agents.
    """
    services: Any = ray._private.services
    node: Any = Node
    persist_port = getattr(ray._raylet, "persist_port", None)
    start, command = node.start_raylet, vars(services).get(_AGENTS_COMMAND)
    if not (command and persist_port):
        yield
        return

    def start_raylet(self: Any, *args: Any, **options: Any) -> None:
        for name, port in _AGENTS_PORTS.items():
            persist_port(self.get_session_dir_path(), self.node_id, name, port)
        start(self, *args, **options)

    node.start_raylet = start_raylet
    setattr(services, _AGENTS_COMMAND, lambda *_, **options: _AGENT)
    try:
        yield
    finally:
        node.start_raylet = start
        setattr(services, _AGENTS_COMMAND, command)
