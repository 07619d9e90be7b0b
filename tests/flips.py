"""Flipped bits in all that is kept: nothing that comes out changes, and everything heals.

By itself, `python -m tests.flips 200` flips so many, one after the other, and counts.
"""

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from fedasc import cache
from fedasc.audio.bank import FilterBank
from fedasc.bank_search.objective import CrossValidated
from fedasc.bank_search.settings import SearchSettings
from fedasc.cache import ORIGIN
from fedasc.corpus.contents import contents_digest
from fedasc.corpus.division import open_division
from fedasc.corpus.pool import open_complete_pool
from fedasc.errors import CacheError
from fedasc.experiments.design import Design, run_design
from fedasc.experiments.kept_world import listen_to_all
from fedasc.models.training import EmbeddedSettings
from fedasc.places import cache_root
from fedasc.probes.verdicts import verdicts_once
from fedasc.seal import SEAL, damage
from fedasc.seeds import Purpose
from fedasc.simulated import hear
from fedasc.testing.bits import Bits, bits_of
from fedasc.world import build_world
from tests.experiments.grids import SMALL, tiny_comparison
from tests.worlds import TINY, make_server

GRID = SMALL.replace("n_repetitions = 2", "n_repetitions = 1").replace("[1, 3]", "3")
KINDS = (
    *("pool", "features", "training", "teacher", "banks"),
    *("server", "student", "verdicts"),
    *("content", "world", "cell", "contents"),
)


@dataclass(frozen=True)
class Kept:
    """All kinds of things that are kept, of the tiny world.

    Args:
        folder: For what isn't in the cache.
    """

    folder: Path

    @cached_property
    def design(self) -> Design:
        """Whose cells are made."""
        return tiny_comparison(self.folder, GRID)

    def values(self) -> Mapping[str, Bits]:
        """What comes out of each kind, read by a command that knows of no other one."""
        cache._checked.clear()
        design, (pool,) = self.design, [open_complete_pool(self.design.corpora)]
        clips = [pool.clips.stored(index) for index in range(len(pool.recordings))]
        division = open_division(design.corpora, seed=TINY.seed)
        search = SearchSettings(objective="lda", n_folds=2, n_windows=60)
        results = run_design(design)
        world = design.cells[0].world
        if not world.is_made:
            design.prepare(world)
        scenario, server = world.open()
        listen_to_all(scenario, [None])
        for cell in design.cells:
            cell.summarise()
        built = build_world(world.settings, design.corpora, design.profiles).server
        windows = hear(scenario, 0, Purpose.EVALUATION)
        again = make_server(scenario)
        owner = self.folder / "grid.toml"
        return {
            "pool": bits_of((pool.recordings, clips, pool.examined)),
            "banks": CrossValidated(division, search, embedded=EmbeddedSettings())(FilterBank()),
            "cell": [json.dumps([r.as_json() for r in result.records]) for result in results],
            "world": bits_of((scenario, server)),
            "server": bits_of(replace(built, teacher=server.teacher)),
            "verdicts": bits_of(tuple(verdicts_once(server, [windows]))),
            "set up": bits_of(replace(again, teacher=server.teacher)),
            "teacher": bits_of(again.teacher),
            "contents": contents_digest([owner], owner=owner),
        }

    def places(self, kind: str) -> Sequence[Path]:
        """Files of a kind, what it consists of twice."""
        paths = sorted(path for path in (cache_root() / kind).rglob("*") if path.is_file())
        return [*paths, *(path for path in paths if path.name not in (ORIGIN, SEAL))]

    def damages(self) -> list[str]:
        """What is wrong in the cache, checked by each process anew."""
        folders = [path for kind in KINDS[:-1] for path in (cache_root() / kind).iterdir()]
        return [f"{path}: {what}" for path in folders if (what := damage(path))]


def flip_one(places: Sequence[Path], rng: np.random.Generator) -> Path:
    """Flip a bit of one of some files as a disk does, which tells nobody; return which."""
    path: Path = rng.choice(np.array(places))
    bit = int(rng.integers(8 * path.stat().st_size))
    content, state = bytearray(path.read_bytes()), path.stat()
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    return path


def main(n_flips: int) -> None:
    """Flip, use and count."""
    rng, told = np.random.default_rng(15), Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        os.environ["FEDASC_CACHE"] = f"{name}/cache"
        kept = Kept(Path(name))
        before = kept.values()
        for number in range(n_flips):
            kind = KINDS[number % len(KINDS)]
            path = flip_one(kept.places(kind), rng)
            values = None
            for _ in range(2):
                with suppress(CacheError):
                    values = kept.values()
                    break
                told["heals at the second call"] += 1
            told["silently different"] += values is not None and values != before
            told["does not heal"] += values is None or bool(kept.damages())
            told[f"{kind}/{path.name}"] += 1
    sys.stdout.write(f"{n_flips} flips: {json.dumps(told, indent=1)}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
