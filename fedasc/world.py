"""The world before the first night, from settings and a corpus."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fedasc.code import modules_of
from fedasc.corpus.division import open_division
from fedasc.corpus.needs import require_parts, warn_of_few
from fedasc.corpus.pool import Pool
from fedasc.corpus.recordings import Corpus
from fedasc.device_code.language import Language
from fedasc.device_code.simulation import compile_for
from fedasc.distilling import with_student
from fedasc.kept_server import kept_server
from fedasc.population.attendance import check_attendance
from fedasc.population.devices import warn_of_microphones
from fedasc.population.profile import Profiles
from fedasc.population.roster import read_roster
from fedasc.population.sources import warn_of_sources
from fedasc.population.users import draw_users
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.server import Server, set_up
from fedasc.settings import Settings


@dataclass(frozen=True)
class World:
    """Everything before the first night.

    Args:
        pool: The corpus, decoded.
        scenario: Users and their devices.
        server: What the server has.
        profiles: That users were drawn from.
    """

    pool: Pool
    scenario: Scenario
    server: Server
    profiles: Profiles

    def corpus_facts(self) -> dict[str, Any]:
        """What the corpus held and what was left out, for reports."""
        known = self.profiles.known(self.scenario.library)
        return {
            **self.pool.facts(),
            "n_clips_by_part": dict(Counter(self.scenario.library.parts)),
            "profiles": Path(self.profiles.where).stem,
            "baseline": {
                label: list(types) for label, types in known.types().items() if types is not None
            },
        }


def build_world(
    settings: Settings,
    corpora: Sequence[Corpus],
    profiles: Profiles,
    *,
    roster: Path | None = None,
    strict: bool = False,
    teacher_file: Path | None = None,
    language: Language = "python",
    n_jobs: int = 1,
    checked: Callable[[], object] = lambda: None,
    progress: Progress = quiet,
) -> World:
    """Decode the corpus, split it, draw the users, and train what the server ships.

    Args:
        corpora: Where recordings come from.
        roster: File of users; they are drawn from the profiles if None.
        strict: Refuse a corpus with recordings that can't be used.
        teacher_file: A teacher trained before, in place of a new one.
        language: Of the devices' code.
        n_jobs: Processes that decode and train the teacher; changes no result.
        checked: Called when there is nothing left to refuse but what takes long to find out.

    Raises:
        FedascError: If the corpus can't serve the profiles or the settings.
    """
    compile_for(
        language,
        bank=settings.bank,
        aggregator=settings.aggregator,
        release=settings.release,
    )
    ready = settings.teacher.load(teacher_file) if teacher_file else None
    division = open_division(
        corpora,
        seed=settings.seed,
        nested=settings.nested,
        strict=strict,
        n_jobs=n_jobs,
        progress=progress,
    )
    library, streams = division.library, division.streams
    require_parts(library, nested=settings.nested)
    warn_of_few(library)
    known = profiles.known(library)
    scenario = Scenario(
        clips=division.clips,
        library=library,
        users=(
            read_roster(
                roster,
                library=library,
                known=known,
                streams=streams,
                responses=settings.users.responses,
            )
            if roster
            else draw_users(
                profiles,
                settings.n_clients,
                library=library,
                settings=settings.users,
                streams=streams,
            )
        ),
        bank=settings.bank,
        listening=settings.listening,
        streams=streams,
        name=division.name,
        pools=division.pool.entries,
        nights=settings.nights,
        attack=settings.attack,
        answers=settings.answers,
        language=language,
    )
    if not roster:
        warn_of_microphones(settings.users, settings.bank, library)
    if roster or settings.users.n_sources.are_set:
        warn_of_sources([(user.n_sources, user.surroundings) for user in scenario.users], library)
    _ = scenario.attackers  # refuses now, not after nights of work, if nobody is left
    check_attendance(settings.nights, scenario.devices, streams=streams)  # likewise
    checked()
    made = partial(set_up, ready=ready) if ready else kept_server
    server = made(
        scenario,
        known=known,
        sizes=settings.training_sets,
        embedded=settings.embedded,
        teacher=settings.teacher,
        calibration=settings.calibration,
        n_jobs=n_jobs,
        progress=progress,
    )
    server = with_student(
        server,
        settings.student,
        sizes=settings.training_sets,
        streams=streams,
        by=modules_of(settings.teacher),
        progress=progress,
    )
    return World(division.pool, scenario, server, profiles)
