import json
import logging
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fedasc.audio.response import Response
from fedasc.errors import CacheError
from fedasc.experiments.kept_world import KeptWorld, world_inputs
from fedasc.models.calibration import Calibration
from fedasc.models.committee import CommitteeSettings
from fedasc.models.teacher import TeacherSettings
from fedasc.population.responses import Responses
from fedasc.population.sources import SourceCounts
from fedasc.population.users import UserSettings
from fedasc.testing.bits import bits_of
from fedasc.world import build_world
from tests.worlds import ENSEMBLE, PROFILES, TINY, TinyCorpus

CORPORA = (TinyCorpus(),)
COMMITTEE = CommitteeSettings(members=(ENSEMBLE,))


def kept(**settings: object) -> KeptWorld:
    return KeptWorld.of(replace(TINY, **settings), world_inputs(CORPORA, PROFILES))  # type: ignore[arg-type]


@pytest.fixture
def made() -> KeptWorld:
    world = kept()
    world.make(CORPORA, PROFILES, only=[None])
    return world


@pytest.mark.bits
@pytest.mark.parametrize(
    ("teacher", "calibration"),
    [(COMMITTEE, "none"), (ENSEMBLE, "isotonic")],
    ids=["committee", "isotonic"],
)
def test_a_kept_world_is_that_which_was_made_to_the_last_bit(
    teacher: TeacherSettings, calibration: Calibration
) -> None:
    users = UserSettings(
        familiarity=0.5,
        n_sources=SourceCounts(noise=2),
        responses=Responses(each=(Response(name="a", hz=(100.0, 1e3), db=(0.1, 1 / 3)),)),
        self_noise_db_spl=20.0,
        self_noise_spread_db=2.0,
    )
    world = kept(teacher=teacher, calibration=calibration, users=users)
    world.make(CORPORA, PROFILES, only=[])
    fresh = build_world(world.settings, CORPORA, PROFILES)
    scenario = replace(fresh.scenario, users=tuple(fresh.scenario.users))
    assert bits_of(world.open()) == bits_of((scenario, fresh.server))


def test_a_kept_world_holds_no_code(made: KeptWorld) -> None:
    names = {path.name for path in made.cached.folder.iterdir()}
    assert names == {"origin.json", "scenario.json", "seal", "server.npz", "teacher"}
    assert json.loads((made.cached.folder / "scenario.json").read_text())["users"]
    with np.load(made.cached.folder / "server.npz", allow_pickle=False) as arrays:
        assert all(array.dtype.kind in "fi" for array in arrays.values())


def test_damage_in_the_midst_of_the_work_ends_it_and_the_next_command_heals(
    made: KeptWorld, caplog: pytest.LogCaptureFixture
) -> None:
    whole = bits_of(made.open())
    path = made.cached.folder / "server.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(CacheError, match=r"damaged .* run the same command again"):
        made.open()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert not made.is_made
    made.make(CORPORA, PROFILES, only=[])
    assert bits_of(made.open()) == whole


def test_a_world_without_its_clips_gets_them_again(made: KeptWorld) -> None:
    (pool,) = made.pools
    before = made.open()[0].clips.stored(3).tobytes()
    samples: Path = pool.folder / "samples.i16"
    samples.write_bytes(b"?" * samples.stat().st_size)
    for _ in range(2):  # found by who listens, then gone
        with pytest.raises(CacheError, match="run the same command again"):
            pickle.loads(pickle.dumps(made.open()[0].clips)).stored(3)
    with pytest.raises(CacheError, match="run the same command again"):
        made.open()[0].clips.stored(4)
    assert not made.is_made
    made.make(CORPORA, PROFILES, only=[])
    assert made.open()[0].clips.stored(3).tobytes() == before
    assert made.open()[0].clips.stored(4).any()
    assert made.is_made
