"""The world before the first night, from settings and a corpus."""

from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from fedasc.corpus.library import catalogue
from fedasc.corpus.pool import Pool, open_pool
from fedasc.corpus.recordings import Corpus
from fedasc.corpus.splits import split_by_group
from fedasc.corpus.users import Profiles, draw_users
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server, set_up
from fedasc.settings import Settings


@dataclass(frozen=True)
class World:
    """Everything before the first night.

    Args:
        pool: The corpus, decoded.
        scenario: Users and their devices.
        server: What the server has.
    """

    pool: Pool
    scenario: Scenario
    server: Server

    def corpus_facts(self) -> dict[str, Any]:
        """What the corpus held and what was left out, for reports."""
        return {
            "n_clips": dict(Counter(self.scenario.library.labels)),
            "n_clips_by_part": dict(Counter(self.scenario.library.parts)),
            "left_out_as_bursts": len(self.pool.bursts),
            "unusable": [{"path": path, "reason": reason} for path, reason in self.pool.unusable],
        }


def shipped_profiles(name: str) -> Path:
    """Path of a profiles file that comes with fedasc: recordings or synthetic."""
    return Path(str(files("fedasc.corpus.profiles") / f"{name}.toml"))


def build_world(
    settings: Settings,
    corpus: Corpus,
    profiles: Profiles,
    *,
    strict: bool = False,
    teacher_file: Path | None = None,
    n_jobs: int = 1,
    progress: Progress = quiet,
) -> World:
    """Decode the corpus, split it, draw the users, and train what the server ships.

    Args:
        strict: Refuse a corpus with recordings that can't be used.
        teacher_file: A teacher trained before, in place of a new one.
        n_jobs: Processes that decode; changes no result.

    Raises:
        FedascError: If the corpus can't serve the profiles or the settings.
    """
    teacher = settings.teacher_settings()
    ready = teacher.load(teacher_file) if teacher_file else None
    streams = Streams(settings.seed)
    pool = open_pool(corpus, strict=strict, n_jobs=n_jobs, progress=progress)
    parts = split_by_group(pool.recordings, rng=streams.generator(Purpose.SPLIT))
    library = catalogue(pool.recordings, parts)
    scenario = Scenario(
        clips=pool.clips,
        library=library,
        users=draw_users(
            profiles,
            settings.n_clients,
            library=library,
            settings=settings.users,
            streams=streams,
        ),
        bank=settings.bank,
        listening=settings.listening,
        streams=streams,
        name=corpus.fingerprint(),
    )
    server = set_up(
        scenario,
        profile=profiles.baseline,
        where=f"{profiles.where}, [baseline]",
        sizes=settings.training_sets,
        embedded=settings.embedded,
        teacher=teacher,
        ready=ready,
        progress=progress,
    )
    return World(pool, scenario, server)
