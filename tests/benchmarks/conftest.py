from dataclasses import replace

import pytest

from benchmarks.record import Record, Timed
from benchmarks.timing import Timing
from fedasc.models.committee import CommitteeTeacher
from fedasc.models.deep_sets import DeepSetsSettings
from fedasc.world import World
from tests.worlds import tiny_world


@pytest.fixture
def record() -> Record:
    """Two stages of made-up times."""
    ours = Timing(way="fedasc", amount=20, seconds=(2.0, 1.0, 4.0), peak_bytes=2**30, flops=5e9)
    rival = Timing(way="rival", amount=10, seconds=(8.0, 5.0, 3.0), deviation=0.01)
    common = {"work": "work", "tolerance": 0.1, "measure": "difference"}
    return Record(
        began="2020-02-02T02:02:02",
        machine={"processor": "abacus", "n_cores": 2, "sgemm_gflops": 10.0},
        commit="c0ffee1234",
        command="python simulations/bench.py",
        against="decaf05678",
        stages=(
            Timed(
                stage="night",
                unit="devices",
                n_devices=20,
                per_device=1,
                timings=(ours, rival),
                **common,  # type: ignore[arg-type]
            ),
            Timed(
                stage="ams",
                unit="s of audio",
                n_devices=None,
                per_device=None,
                timings=(ours,),
                left_out={"another": "isn't installed"},
                **common,  # type: ignore[arg-type]
            ),
        ),
    )


@pytest.fixture(scope="session")
def committee_world() -> World:
    """The tiny world with a committee as its teacher."""
    world = tiny_world()
    server = world.server
    deep_sets = DeepSetsSettings(n_networks=2, n_hidden=8, n_steps=20)
    teacher = CommitteeTeacher(
        {
            "ensemble": server.teacher,
            "deep_sets": deep_sets.train(server.comprehensive_set, seed=1),
        }
    )
    return replace(world, server=replace(server, teacher=teacher))
