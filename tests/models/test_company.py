"""A sample's probabilities depend neither on its company nor on the kernels of libraries."""

import json
import pickle
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

from fedasc.models.teacher import Teacher
from tests.kernels import environments, printed
from tests.models.test_labelling import KINDS, SLOW, teacher, toy

N_ROWS, N_CUTS, N_PARTS = 600, 4, 6
SIZES = {
    "mobilenet": (1, N_ROWS, N_PARTS),
    "mobilenet in bfloat16": (1, 60, 2),  # slow on processors that lack such numbers
    "deep_sets in bfloat16": (1, N_ROWS, N_PARTS),
}
"""Cuts, rows and parts at most of the slow ones."""


def told_alike(
    judge: Teacher, n_cuts: int, n_rows: int = N_ROWS, n_parts: int = N_PARTS
) -> tuple[int, str]:
    """How many probabilities differ in other company, and a fingerprint of all of them."""
    x = toy(n_rows, seed=9).x
    rng = np.random.default_rng(5)
    whole = judge.probabilities(x)
    n_different = 0
    for _ in range(n_cuts):
        order = rng.permutation(n_rows)
        cuts = np.sort(rng.integers(n_rows, size=rng.integers(1, n_parts)))
        parts = [judge.probabilities(some) for some in np.split(x[order], cuts)]
        n_different += int((np.concatenate(parts) != whole[order]).sum())
    return n_different, blake2b(whole.tobytes(), digest_size=8).hexdigest()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All teachers, trained once."""
    path = tmp_path_factory.mktemp("teachers") / "teachers"
    path.write_bytes(pickle.dumps({kind: teacher(kind) for kind in KINDS}))
    return path


_CODE = """
import json, pickle
from pathlib import Path
from fedasc.models import mobilenet
mobilenet._PIXELS_AT_ONCE = 2**15  # blocks of 128 pictures take a quarter of the time
from tests.models.test_company import N_CUTS, SIZES, told_alike
teachers = pickle.loads(Path({path!r}).read_bytes())
sizes = {{kind: SIZES.get(kind, (N_CUTS,)) for kind in teachers}}
told = {{kind: told_alike(its, *sizes[kind]) for kind, its in teachers.items()}}
print(json.dumps(told))
"""


@pytest.mark.parametrize("choice", [*environments()][:: max(len(environments()) - 1, 1)])
def test_neither_company_nor_kernels_change_a_bit(choice: str, file: Path) -> None:
    there = json.loads(printed(_CODE.format(path=str(file)), environments()[choice]))
    assert {kind: n_different for kind, (n_different, _) in there.items()} == dict.fromkeys(
        KINDS, 0
    )
    for kind in KINDS:
        if kind not in SLOW:
            assert there[kind][1] == told_alike(teacher(kind), 0)[1], kind
