"""A run writes the same bytes whichever kernels libraries choose, if it is given the teacher."""

from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from fedasc.config import read_toml
from fedasc.corpus.manifest import read_manifest
from fedasc.population.profile import find_profiles
from fedasc.settings import settings_of
from fedasc.world import build_world
from tests.kernels import environments, printed
from tests.simulations.test_run import PROFILES, SETTINGS
from tests.worlds import write_recordings

_CODE = """
import sys
from fedasc.report import figures
from simulations.run import app
figures.contents = lambda figure, *, dpi: {{}}  # no numbers come of them
sys.argv = ["run.py", *{arguments!r}]
app(standalone_mode=False)
"""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings, settings, profiles, and a teacher that was trained here."""
    folder = tmp_path_factory.mktemp("recordings")
    manifest = write_recordings(folder)
    (folder / "settings.toml").write_text(SETTINGS)
    (folder / "profiles.toml").write_text(PROFILES)
    with pytest.MonkeyPatch.context() as patch, threadpool_limits(1):
        patch.setenv("FEDASC_CACHE", str(folder / "cache"))
        world = build_world(
            settings_of(read_toml(folder / "settings.toml"), where="settings"),
            [read_manifest(manifest)],
            find_profiles(str(folder / "profiles.toml")),
        )
    world.server.teacher.save(folder / "teacher")
    return folder


def devices(recordings: Path, out: Path, environment: dict[str, str]) -> bytes:
    """What a run in a process of its own, with a cache of its own, says of the devices."""
    arguments = ["--clients", "4", "--engine", "local", "--workers", "1", "--no-audio"]
    arguments += ["--out", str(out)]
    for option, name in (
        ("--corpus", "manifest.csv"),
        ("--settings", "settings.toml"),
        ("--profiles", "profiles.toml"),
        ("--teacher-file", "teacher"),
    ):
        arguments += [option, str(recordings / name)]
    cache = {"FEDASC_CACHE": str(out.with_name(f"{out.name} cache"))}
    printed(_CODE.format(arguments=arguments), environment | cache)
    return (out / "devices.csv").read_bytes()


@pytest.fixture(scope="module")
def expected(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return devices(recordings, tmp_path_factory.mktemp("runs") / "here", {})


@pytest.mark.parametrize("choice", sorted({*list(environments())[:1], *list(environments())[-1:]}))
def test_a_run_writes_the_same_devices_with_other_kernels(
    choice: str, recordings: Path, expected: bytes, tmp_path: Path
) -> None:
    assert devices(recordings, tmp_path / "there", environments()[choice]) == expected
