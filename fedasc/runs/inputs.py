"""What a run is made of: everything that its results depend on."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import inf
from pathlib import Path
from typing import Any

from fedasc.config import from_mapping
from fedasc.corpus.builders.naming import Naming
from fedasc.corpus.folder import FolderCorpus, read_folder
from fedasc.corpus.manifest import ManifestCorpus, read_manifest
from fedasc.corpus.recordings import Corpus
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.device_code.language import LANGUAGES, Language
from fedasc.errors import CorpusError, SettingsError
from fedasc.plugins import as_section
from fedasc.population.profile import Profiles
from fedasc.progress import Progress, quiet
from fedasc.settings import Settings, settings_of
from fedasc.world import World, build_world

ROSTER = "roster.csv"
"""What the file of users is called in the folder of a run."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a run is made of.

    Args:
        settings: All of them.
        corpora: Where recordings come from.
        profiles: Who the users are.
        roster: File of users; they are drawn from the profiles if None.
        strict: Refuse a corpus with recordings that can't be used.
        teacher_file: A teacher trained before, in place of a new one.
        language: Of the devices' code: python, or c or c-fixed, the C that leaves for real ones.
        details: Whether the folder keeps what devices sent and what every window of the last night
            was taken for, which grow with the devices.
        audio: Whether the report has sounds of windows to listen to.
    """

    settings: Settings
    corpora: Sequence[Corpus]
    profiles: Profiles
    roster: Path | None = None
    strict: bool = False
    teacher_file: Path | None = None
    language: Language = "python"
    details: bool = True
    audio: bool = True

    def world(
        self,
        *,
        n_jobs: int = 1,
        checked: Callable[[], object] = lambda: None,
        progress: Progress = quiet,
    ) -> World:
        """The world before the first night; see `build_world`."""
        return build_world(
            self.settings,
            self.corpora,
            self.profiles,
            roster=self.roster,
            strict=self.strict,
            teacher_file=self.teacher_file,
            language=self.language,
            n_jobs=n_jobs,
            checked=checked,
            progress=progress,
        )

    def stored(self, folder: Path) -> dict[str, Any]:
        """In words of JSON, from which `restored` makes the same; a roster is copied.

        Args:
            folder: Of the run.
        """
        if self.roster:
            shutil.copyfile(self.roster, folder / ROSTER)
        return {
            "settings": as_section(self.settings),
            "corpora": [stored_corpus(corpus) for corpus in self.corpora],
            "profiles": _without_inf(asdict(self.profiles)),
            "has_roster": self.roster is not None,
            "strict": self.strict,
            "teacher_file": self.teacher_file and str(self.teacher_file.resolve()),
            "language": self.language,
            "details": self.details,
            "audio": self.audio,
        }

    @classmethod
    def restored(
        cls, content: Mapping[str, Any], folder: Path, corpora: Sequence[Corpus] | None = None
    ) -> "Inputs":
        """What `stored` wrote.

        Args:
            folder: Of the run.
            corpora: The same ones, if they have moved or come from elsewhere than files.

        Raises:
            FedascError: If they aren't what they were.
        """
        try:
            teacher_file = content["teacher_file"]
            known = corpora or [restored_corpus(corpus) for corpus in content["corpora"]]
            inputs = cls(
                settings=settings_of(content["settings"], where=str(folder)),
                corpora=known,
                profiles=from_mapping(Profiles, content["profiles"], where=str(folder)),
                roster=folder / ROSTER if content["has_roster"] else None,
                strict=content["strict"],
                teacher_file=Path(teacher_file) if teacher_file else None,
                language=known_language(content.get("language", LANGUAGES[0])),
                details=content.get("details", False),  # of earlier versions, nights are missing
                audio=content.get("audio", True),
            )
            before = [corpus["fingerprint"] for corpus in content["corpora"]]
        except (KeyError, TypeError) as error:
            raise SettingsError(
                f"{folder}: its record of what was asked for is damaged; begin anew"
            ) from error
        if [corpus.fingerprint() for corpus in known] != before:
            names = ", ".join(corpus.name for corpus in known)
            raise CorpusError(
                f"{names}: no longer what the run in {folder} began with; give --corpus the same "
                "manifests in the same order, or begin anew"
            )
        return inputs


def _without_inf(content: Any) -> Any:
    """Settings without numbers that JSON has no word for: profiles have inf as a default."""
    if isinstance(content, dict):
        return {key: _without_inf(value) for key, value in content.items() if value != inf}
    return content


def known_language(language: str) -> Language:
    """A language of devices' code.

    Raises:
        KeyError: If there is none of that name.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    return LANGUAGES[LANGUAGES.index(language)]


def stored_corpus(corpus: Corpus) -> dict[str, Any]:
    """Which corpus it is, and where, in words of JSON; not where if it comes from no file."""
    known = {"fingerprint": corpus.fingerprint(), "name": corpus.name}
    if isinstance(corpus, FolderCorpus):
        return {**known, "folder": str(corpus.folder.resolve()), "naming": asdict(corpus.naming)}
    if isinstance(corpus, ManifestCorpus):
        return {**known, "manifest": str(corpus.manifest.resolve())}
    if isinstance(corpus, SyntheticCorpus):
        return {
            **known,
            "synthetic": {field.name: getattr(corpus, field.name) for field in fields(corpus)},
        }
    return known


def restored_corpus(content: Mapping[str, Any]) -> Corpus:
    """What `stored_corpus` told of.

    Raises:
        CorpusError: If it comes from no file, or isn't there any more.
    """
    if "folder" in content:
        naming = from_mapping(Naming, content["naming"], where=content["folder"])
        return read_folder(Path(content["folder"]), naming)
    if "manifest" in content:
        return read_manifest(Path(content["manifest"]))
    if "synthetic" in content:
        return SyntheticCorpus(**content["synthetic"])
    raise CorpusError(f"{content['name']}: give the same corpus again, which no file describes")
