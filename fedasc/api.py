"""What `import fedasc` offers beside the classes: runs as calls."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fedasc.config import read_toml
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.recordings import Corpus
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.population.profile import Profiles, find_profiles
from fedasc.settings import Settings, settings_of

AnySettings = Settings | Mapping[str, Any] | str | Path | None
"""Settings; what a settings file says; its path; or nothing for the defaults."""

AnyCorpus = Corpus | str | Path
"""A corpus, or the path of a manifest."""


def settings_from(settings: AnySettings) -> Settings:
    """Settings of what a caller has of them.

    Raises:
        SettingsError: If they can't be used.
    """
    if isinstance(settings, Settings):
        return settings
    if isinstance(settings, str | Path):
        return settings_of(read_toml(Path(settings)), where=str(settings))
    return settings_of(settings or {}, where="settings")


def corpora_of(corpus: AnyCorpus | Sequence[AnyCorpus] | None) -> list[Corpus]:
    """Where recordings come from: the embedded corpus, if nothing is given.

    Raises:
        CorpusError: If a manifest can't be used.
    """
    if not corpus:
        return [SyntheticCorpus()]
    several = corpus if isinstance(corpus, Sequence) and not isinstance(corpus, str) else [corpus]
    return [read_manifest(Path(one)) if isinstance(one, str | Path) else one for one in several]


def profiles_of(profiles: Profiles | str | Path | None, corpora: Sequence[Corpus]) -> Profiles:
    """Who the users are: those that suit the corpora, if nothing is given.

    Raises:
        SettingsError: If they can't be used.
    """
    if isinstance(profiles, Profiles):
        return profiles
    embedded = all(isinstance(corpus, SyntheticCorpus) for corpus in corpora)
    return find_profiles(str(profiles or ("synthetic" if embedded else "recordings")))
