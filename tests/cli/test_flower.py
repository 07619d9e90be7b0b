"""The main job in Flower's own simulation engine."""

import json
import os
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flwr.app import Context, Message
from flwr.clientapp import ClientApp

import fedasc
from fedasc.cli.flower import OPTIONS, asked_by, simulate
from fedasc.errors import FedascError
from fedasc.flower.grids import LocalCarrier, WatchedGrid, unwatched
from fedasc.flower.simulation import make_server_app, make_simulated_client_app
from fedasc.progress import quiet
from tests.simulations.test_run import PROFILES, SETTINGS
from tests.worlds import write_recordings

CHECKOUT = Path(__file__).parents[2]
TABLE = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["flwr"]
_ASK_EVERY_S = 30.0


def config(**more: Any) -> dict[str, Any]:
    return {**TABLE["app"]["config"], **more}


@pytest.fixture
def small(tmp_path: Path) -> dict[str, Any]:
    """A small run's configuration."""
    (tmp_path / "settings.toml").write_text(SETTINGS)
    (tmp_path / "profiles.toml").write_text(PROFILES)
    return config(
        clients=2, out=str(tmp_path / "out"), corpus=str(write_recordings(tmp_path)),
        settings=str(tmp_path / "settings.toml"), profiles=str(tmp_path / "profiles.toml"),
    )  # fmt: skip


def usual(small: dict[str, Any], folder: Path) -> bytes:
    """The devices of the same run without Flower's engine."""
    done = fedasc.run(
        {**tomllib.loads(SETTINGS), "n_clients": 2}, corpus=small["corpus"],
        profiles=small["profiles"], folder=folder, execution=fedasc.Execution(engine="local"),
    )  # fmt: skip
    return (done.folder / "devices.csv").read_bytes()


def test_the_configuration_has_every_option_and_no_federations() -> None:
    assert {*TABLE["app"]["config"]} == {*OPTIONS}
    assert {value for name, value in config().items() if name != "out"} == {""}
    assert {*TABLE} == {"app"}


def test_options_are_settings_and_the_rest_is_as_in_fedasc_run() -> None:
    inputs, execution = asked_by(config(clients=7, nights=2, aggregator="moments", quorum=1))
    assert inputs.settings.n_clients == 7
    assert inputs.settings.nights.n_nights == 2
    assert inputs.settings.aggregator.name == "moments"
    assert inputs.settings.strategy == fedasc.Settings().strategy
    assert execution.quorum == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"clients": 0}, "clients must be at least 1"),
        ({"clients": "ten"}, "clients must be a whole number, got 'ten'"),
        ({"dropout": True}, "dropout must be a number, got True"),
        ({"corpus": 3}, "corpus must be text, got 3"),
        ({"colour": "red"}, "no option 'colour'"),
        ({"users": "u.csv", "clients": 3}, "clients or users, not both"),
        ({"strategy": "magic"}, "magic"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(options: dict[str, Any], words: str) -> None:
    with pytest.raises(FedascError, match=words) as refused:
        asked_by(config(**options))
    assert "\n" not in str(refused.value)


class Told(LocalCarrier):
    """Tells client apps the configuration, as Flower does."""

    def __init__(self, app: ClientApp, context: Context) -> None:
        super().__init__(app, 2)
        self._context = context

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        message = self._waiting.pop(next(iter(message_ids)))
        return [self._app(message, self._context)]


@pytest.mark.flower
def test_flower_carries_the_same_nights_to_the_byte(small: dict[str, Any], tmp_path: Path) -> None:
    context = cast(Context, SimpleNamespace(run_config=small, run_id=17))
    carrier = Told(make_simulated_client_app(), context)
    make_server_app(simulate)(WatchedGrid(carrier, 2, watch=unwatched, progress=quiet), context)
    folder = tmp_path / "out" / "17"
    assert (folder / "devices.csv").read_bytes() == usual(small, tmp_path / "usual")
    assert not (folder / ".devices").exists()
    assert len(fedasc.load(folder).devices) == 2


@pytest.mark.ray
def test_flwr_run_does_the_main_job_and_leaves_the_project_as_it_is(
    small: dict[str, Any], tmp_path: Path
) -> None:
    project = (CHECKOUT / "pyproject.toml").read_bytes()
    given = " ".join(f'{name}="{value}"' for name, value in small.items() if type(value) is str)
    with flower(tmp_path / "flower") as flwr:
        flwr("run", str(CHECKOUT), "--run-config", f"{given} clients=2")
        status, number = finished(flwr, tmp_path / "out")
    assert status == "finished:completed"
    folder = tmp_path / "out" / number
    assert (folder / "devices.csv").read_bytes() == usual(small, tmp_path / "usual")
    assert (CHECKOUT / "pyproject.toml").read_bytes() == project


def finished(flwr: Any, out: Path, *, within_s: float = 400) -> tuple[str, str]:
    """How Flower's only run ended, and its number; seldom asked before results, as that costs."""
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        asked = time.monotonic()
        while not any(out.glob("*/devices.csv")) and time.monotonic() < asked + _ASK_EVERY_S:
            time.sleep(0.2)
        (told,) = json.loads(flwr("list", "--format", "json"))["runs"]
        if told["status"].startswith("finished"):
            return told["status"], told["run-id"]
        time.sleep(1)
    pytest.fail("Flower's run doesn't end")


@contextmanager
def flower(home: Path) -> Iterator[Any]:
    """Flower's command with a home of its own, where its server runs until the end."""
    home.mkdir()
    host, port = "127.0.0.1", 39491
    there = f'address = "{host}:{port}"\ninsecure = true\n'
    (home / "config.toml").write_text(f'[superlink]\ndefault = "here"\n[superlink.here]\n{there}')
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "FLWR_HOME": str(home),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(CHECKOUT),
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
        "RAY_ADDRESS": "local",  # not a cluster that another test has just now
    }
    line = [
        *(str(programs / "flower-superlink"), "--insecure", "--simulation"),
        *("--control-api-address", f"{host}:{port + 2}", "--host", host, "--port", str(port)),
        *("--isolation", "subprocess", "--disable-runtime-dependency-installation"),
    ]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(line, env=environment, stdout=log, stderr=log)

    def flwr(*words: str) -> str:
        done = subprocess.run(
            [str(programs / "flwr"), *words], env=environment, capture_output=True, text=True
        )
        if done.returncode:
            pytest.fail(done.stdout + done.stderr + (home / "log").read_text())
        return done.stdout

    try:
        ends = time.monotonic() + 120
        while server.poll() is None and time.monotonic() < ends:  # until it listens
            with suppress(OSError), socket.create_connection((host, port)):
                break
            time.sleep(0.2)
        yield flwr
    finally:
        server.terminate()
        server.wait(30)
