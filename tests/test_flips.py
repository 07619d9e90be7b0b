from pathlib import Path

import numpy as np

from fedasc.errors import CacheError, SettingsError
from fedasc.testing.bits import bits_of
from tests.flips import KINDS, Kept, flip_one
from tests.worlds import ENSEMBLE, tiny_world


def test_flipped_bits_change_nothing_and_everything_heals(tmp_path: Path) -> None:
    kept, rng = Kept(tmp_path), np.random.default_rng(1)
    before = kept.values()
    assert set(KINDS) == {path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()}
    flipped = [flip_one(kept.places(kind), rng) for kind in (*KINDS, *KINDS)]
    assert len(kept.damages()) >= len(KINDS) - 2, "of a pool and a memory others tell"
    try:
        values = kept.values()
    except CacheError as error:
        assert "run the same command again" in str(error)  # noqa: PT017
        values = kept.values()
    assert values == before, flipped
    assert kept.damages() == []


def test_a_flipped_bit_in_a_teachers_file_is_refused_or_changes_nothing(tmp_path: Path) -> None:
    teacher, path, rng = tiny_world().server.teacher, tmp_path / "teacher", np.random.default_rng(2)
    n_refused = 0
    for _ in range(12):
        path.unlink(missing_ok=True)
        teacher.save(path)
        flip_one([path], rng)
        try:
            assert bits_of(ENSEMBLE.load(path)) == bits_of(teacher)
        except SettingsError:
            n_refused += 1
    assert n_refused > 6
