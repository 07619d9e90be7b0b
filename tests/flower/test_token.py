"""Who gets into a cluster: a single Ray is started for all of it."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
import pytest
import ray
from ray._private.authentication.authentication_utils import is_token_auth_enabled

from fedasc.errors import RunError, StorageError
from fedasc.flower.cluster import check_address, open_cluster
from fedasc.flower.local_cluster import private_files, store_options
from fedasc.flower.token import is_let_in, token_for

pytestmark = pytest.mark.filterwarnings("ignore")

WAYS_IN = {
    "NodeInfoGcsService/GetClusterId",
    "NodeManagerService/GetNodeStats",
    "ObjectManagerService/FreeObjects",
    "CoreWorkerService/GetCoreWorkerStats",
}
"""A method of each service that Ray's processes offer by gRPC."""


def answer(port: int, method: str, token: str | None) -> str:
    """What a process of Ray says to an empty request."""
    shown = [("authorization", f"Bearer {token}")] if token else []
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            channel.unary_unary(f"/ray.rpc.{method}")(b"", metadata=shown, timeout=5)
        except grpc.RpcError as error:
            return str(error.code().name)
    return "OK"


def family() -> Iterator[Any]:
    """This process, and all that were started from it."""
    process = import_module("psutil").Process()  # which comes with Ray
    yield from (process, *process.children(recursive=True))


@pytest.mark.ray
def test_nobody_gets_into_a_run_and_nothing_of_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_TOKEN", "the user's own")
    handler = signal.getsignal(signal.SIGTERM)
    with open_cluster(1):
        worker = ray.remote(num_cpus=0)(lambda: os.environ["RAY_AUTH_TOKEN"])
        token = ray.get(worker.remote())
        assert len(token) == 64
        assert os.environ["RAY_AUTH_TOKEN"] == "the user's own"
        assert "RAY_AUTH_MODE" not in os.environ
        assert signal.getsignal(signal.SIGTERM) is handler
        folder = Path(ray._private.worker._global_node.temp_dir)  # type: ignore[attr-defined]
        assert folder.parent.stat().st_mode & 0o077 == 0

        offered = set()
        for process in family():
            assert token not in " ".join(process.cmdline())
            for door in process.net_connections("inet"):
                if door.status != "LISTEN":
                    continue
                assert door.laddr.ip.endswith("127.0.0.1")
                answers = {
                    method: {answer(door.laddr.port, method, shown) for shown in (None, "x")}
                    for method in WAYS_IN
                }
                refused = {way for way, said in answers.items() if said == {"UNAUTHENTICATED"}}
                assert len(refused) == 1
                assert all(answers[way] == {"UNIMPLEMENTED"} for way in WAYS_IN - refused)
                offered |= refused
        assert offered == WAYS_IN

        address = ray.get_runtime_context().gcs_address
        assert is_let_in(address, token)
        with pytest.raises(RunError, match="asks for its token, and the one that is given is an"):
            check_address(address)
        assert ray.get(worker.remote()) == token  # asking has thrown nobody out
    assert not folder.parent.exists()
    assert not is_token_auth_enabled()


def test_the_users_token_is_found_where_ray_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str | None] = []

    def with_any(address: str, token: str | None) -> bool:
        tried.append(token)
        return bool(token)

    monkeypatch.setattr("fedasc.flower.token.is_let_in", with_any)
    for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(RunError, match=r"none is given; set RAY_AUTH_TOKEN to what `ray get-auth"):
        token_for("head:6379")
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("at home\n")
    (tmp_path / "named").write_text("named\n")
    assert token_for("head:6379") == "at home"
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "nowhere"))
    with pytest.raises(RunError, match="nowhere: no token can be read there"):
        token_for("head:6379")
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "named"))
    assert token_for("head:6379") == "named"
    monkeypatch.setenv("RAY_AUTH_TOKEN", "said")
    assert token_for("head:6379") == "said"
    assert tried == [None, None, "at home", None, None, "named", None, "said"]


def test_what_is_no_cluster_is_told() -> None:
    listening = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answers_in_another_language() -> None:
            listening.set()
            for _ in range(2):
                connection, _ = server.accept()
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.close()

        threading.Thread(target=answers_in_another_language, daemon=True).start()
        listening.wait()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(RunError, match=f"what listens at '{address}' is no Ray cluster"):
            check_address(address)


def test_files_have_a_short_path_wherever_temporary_ones_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("a" * 91)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with private_files() as folder:
        assert folder.parents[1] == Path("/tmp")
        assert folder.parent.stat().st_mode & 0o077 == 0
        (folder / "session" / "logs").mkdir(parents=True)
    assert not folder.parent.exists()
    assert not list(deep.iterdir())


def test_files_without_a_place_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    with pytest.raises(RunError, match="/nowhere: Ray can't keep its files there"), private_files():
        pass


def test_files_without_room_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_000_000}))
    with pytest.raises(StorageError, match="/tmp: the disk is full"), private_files():
        pass


def test_a_ray_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def times_out(**options: object) -> None:
        raise Exception("The current node timed out during startup.\nMore")  # as Ray does

    monkeypatch.setattr("ray.init", times_out)
    with pytest.raises(RunError, match=r"can't be started \(The current node .* startup\.\); see"):
        open_cluster(1).__enter__()


def test_objects_live_among_the_files_where_there_is_no_shared_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fedasc.flower.local_cluster._SHARED_MEMORY", tmp_path)
    assert store_options(tmp_path) == {}
    monkeypatch.setattr("fedasc.flower.local_cluster._SHARED_MEMORY", tmp_path / "none")
    assert store_options(tmp_path)["_plasma_directory"] == str(tmp_path)
