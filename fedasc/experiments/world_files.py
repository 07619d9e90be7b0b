"""The files of a world: what it knows of its users as JSON, and those of its server."""

import json
from dataclasses import asdict
from pathlib import Path

from fedasc.cache import CacheEntry
from fedasc.config import from_mapping
from fedasc.corpus.clips import ClipFile, ClipShelf
from fedasc.corpus.decoding import SAMPLES
from fedasc.corpus.library import Library
from fedasc.population.users import User
from fedasc.scenario import Scenario
from fedasc.seeds import Streams
from fedasc.server import Server
from fedasc.server_files import fields_of, read_server, write_server
from fedasc.settings import Settings

_SCENARIO = "scenario.json"


def write_world(folder: Path, scenario: Scenario, server: Server) -> None:
    """Write all of a world that doesn't stand in its settings.

    Args:
        scenario: Whose clips are those of its pools.
    """
    assert isinstance(scenario.clips, ClipShelf), "clips of a pool stand in files"
    content = {
        "name": scenario.name,
        "pools": [pool.origin for pool in scenario.pools],
        "n_clips": [file.n_clips for file in scenario.clips.files],
        "library": fields_of(scenario.library),
        "users": [asdict(user) for user in scenario.users],
    }
    (folder / _SCENARIO).write_text(json.dumps(content), encoding="utf-8")
    write_server(folder, server)


def read_world(folder: Path, settings: Settings) -> tuple[Scenario, Server]:
    """The world that was written, equal to the last bit to that which was made.

    Args:
        settings: Those that it was made by.
    """
    content = json.loads((folder / _SCENARIO).read_text(encoding="utf-8"))
    pools = tuple(CacheEntry(origin) for origin in content["pools"])
    library = content["library"]
    scenario = Scenario(
        clips=ClipShelf(
            tuple(
                ClipFile(pool.folder / SAMPLES, n_clips)
                for pool, n_clips in zip(pools, content["n_clips"], strict=True)
            )
        ),
        library=Library(
            **{name: tuple(places) for name, places in library.items() if name != "sets"},
            sets=tuple(map(tuple, library["sets"])),
        ),
        users=tuple(from_mapping(User, user, where=_SCENARIO) for user in content["users"]),
        bank=settings.bank,
        listening=settings.listening,
        streams=Streams(settings.seed),
        name=content["name"],
        pools=pools,
        nights=settings.nights,
    )
    server = read_server(
        folder,
        teacher=settings.teacher,
        calibration=settings.calibration,
        embedded=settings.embedded,
    )
    return scenario, server
