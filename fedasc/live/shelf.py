"""The server of the embedded corpus, for whoever has none: made once, and kept."""

from pathlib import Path

from fedasc.code import modules_of
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.live.prepared import prepare, write_prepared
from fedasc.plugins import as_section
from fedasc.population.profile import find_profiles
from fedasc.progress import Progress, quiet
from fedasc.settings import Settings
from fedasc.shelves import PREPARED


def embedded_server(settings: Settings | None = None, *, progress: Progress = quiet) -> Path:
    """The folder of a server that knows synthetic sounds alone.

    Args:
        settings: The defaults if None.
    """
    settings = settings or Settings()
    corpus, profiles = SyntheticCorpus(), find_profiles("wide", embedded=True)

    def fill(folder: Path) -> None:
        write_prepared(folder, prepare(settings, [corpus], profiles, progress=progress))

    entry = PREPARED.entry(
        *(as_section(settings), corpus.fingerprint()),
        *(profiles.baseline, profiles.where.rpartition("/")[2]),
        by=modules_of(settings),
    )
    return entry.made(fill)
