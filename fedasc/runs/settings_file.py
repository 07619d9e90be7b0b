"""The settings of a run as a file that makes it again: `fedasc run --settings RUN/settings.toml`.

It has all settings, and in its section `run` what else the run was asked for: which recordings,
profiles, users and teacher. Files that it names stand beside it, but for recordings and a teacher.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from hashlib import blake2b
from math import inf
from pathlib import Path
from typing import Any

import tomli_w

from fedasc.atomic import replaced
from fedasc.config import read_toml
from fedasc.corpus.recordings import Corpus
from fedasc.device_code.language import Language
from fedasc.errors import CorpusError, SettingsError, printable
from fedasc.plugins import as_section
from fedasc.population.profile import Profiles, read_profiles
from fedasc.runs.inputs import ROSTER, Inputs, known_language, restored_corpus, stored_corpus
from fedasc.runs.plugin_copies import name_in, names_of_copies, renamed
from fedasc.runs.provenance import read_provenance, versions

logger = logging.getLogger(__name__)

_FILE = "settings.toml"
_PROFILES = "profiles.toml"
_SECTION = "run"


def write_settings(folder: Path, inputs: Inputs, *, command: str) -> None:
    """Write what makes a run again into its folder.

    Args:
        command: That made it; empty if it was called from Python.
    """
    copies = names_of_copies(inputs.settings)
    settings = renamed(as_section(inputs.settings), lambda name: copies.get(name, name))
    profiles = asdict(inputs.profiles)
    section = {
        "profiles": _PROFILES,
        "profiles_name": inputs.profiles.where,
        "users": ROSTER if inputs.roster else None,
        "strict": inputs.strict,
        "teacher_file": inputs.teacher_file and str(inputs.teacher_file.resolve()),
        "teacher_digest": inputs.teacher_file and _digest(inputs.teacher_file),
        "device_code": inputs.language,
        "details": inputs.details,
        "audio": inputs.audio,
        "corpora": [_told(corpus) for corpus in inputs.corpora],
    }
    said = f"fedasc {versions()['fedasc']}" + (f", by {printable(command)}" if command else "")
    remarks = [
        "Everything that a run was asked for, defaults included. It was made with",
        f"{said}; provenance.json says more.",
        "With the folder that it stands in, this makes the run again, to the last bit:",
        f"    fedasc run --settings {_FILE}",
        "What options say besides counts for more. Without the section run, these are settings for",
        "any recordings and profiles.",
    ]
    _write(folder / _FILE, remarks, {**settings, _SECTION: section})
    remarks = [f"The profiles of this run, which it had from {printable(inputs.profiles.where)}."]
    _write(folder / _PROFILES, remarks, {name: profiles[name] for name in ("baseline", "users")})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a settings file asks for.

    Args:
        settings: All but its section run.
        path: Of the file.
        section: What the section run says; empty if there is none.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    path: Path = Path()
    section: Mapping[str, Any] = field(default_factory=dict)

    def corpora(self, given: Sequence[Corpus] | None) -> Sequence[Corpus] | None:
        """The run's recordings; what is given if the file names none.

        Args:
            given: The same, if they have moved or come from elsewhere than files.

        Raises:
            CorpusError: If they aren't there, or aren't what they were.
        """
        if not self.section:
            return given
        said = self._said("corpora", list)
        corpora = given
        if corpora is None:
            try:
                corpora = [restored_corpus(one) for one in said]
            except (CorpusError, SettingsError) as error:
                raise CorpusError(
                    f"{error}; --corpus says where the recordings of {self.path} are now"
                ) from error
        if [one.fingerprint() for one in corpora] != [one.get("fingerprint") for one in said]:
            raise CorpusError(
                f"{', '.join(one.name for one in corpora)}: not what the run of {self.path} was "
                "made of; give --corpus the same recordings as they were, or take the section run "
                "out of the file to simulate these"
            )
        return corpora

    @property
    def profiles(self) -> Profiles | None:
        """The run's, if it says which.

        Raises:
            SettingsError: If they can't be used.
        """
        if not self.section:
            return None
        profiles = read_profiles(self.path.parent / self._said("profiles", str))
        return replace(profiles, where=self._said("profiles_name", str))

    @property
    def roster(self) -> Path | None:
        """File of users, if the run had one."""
        return self.path.parent / self._said("users", str) if "users" in self.section else None

    @property
    def teacher_file(self) -> Path | None:
        """A teacher trained before, if the run had one.

        Raises:
            SettingsError: If it isn't what it was.
        """
        if "teacher_file" not in self.section:
            return None
        path = Path(self._said("teacher_file", str))
        if not path.exists() or _digest(path) != self._said("teacher_digest", str):
            raise SettingsError(
                f"{path}: gone, or no longer the teacher of the run of {self.path}; give the same "
                "one with --teacher-file"
            )
        return path

    @property
    def strict(self) -> bool:
        return bool(self.section.get("strict", False))

    @property
    def details(self) -> bool:
        return bool(self.section.get("details", True))

    @property
    def audio(self) -> bool:
        return bool(self.section.get("audio", True))

    @property
    def device_code(self) -> Language:
        """Language of the devices' code."""
        try:
            return known_language(self.section.get("device_code", "python"))
        except KeyError as error:
            raise SettingsError(f"{self.path}: no device_code {error}") from error

    def _said(self, name: str, kind: type) -> Any:
        value = self.section.get(name)
        if not isinstance(value, kind):
            raise SettingsError(
                f"{self.path}, [{_SECTION}]: {name} is damaged; take the section out, and name "
                "recordings and profiles as options"
            )
        return value


def read_settings(path: Path) -> Asked:
    """Read a settings file, with its section run if it has one.

    Raises:
        SettingsError: If it is missing or no TOML.
    """
    content = dict(read_toml(path))
    section = content.pop(_SECTION, {})
    if not isinstance(section, Mapping):
        raise SettingsError(f"{path}: {_SECTION} must be a section, as runs write it")
    if section:
        content = renamed(content, partial(name_in, path.parent))
        _warn_of_versions(path)
    return Asked(settings=content, path=path, section=section)


def _warn_of_versions(path: Path) -> None:
    """Say if other versions made the run, whose numbers may be others."""
    if not path.with_name("provenance.json").is_file():
        return
    made, now = read_provenance(path.parent)["sessions"][0].get("versions", {}), versions()
    differ = [name for name in now if name in made and made[name] != now[name]]
    if differ:
        logger.warning(
            "%s: made with %s; this is %s, so numbers may differ",
            path,
            *(", ".join(f"{name} {of[name]}" for name in differ) for of in (made, now)),
        )


def _told(corpus: Corpus) -> dict[str, Any]:
    """Which corpus, and where it is; not where, if its path is no text."""
    known = stored_corpus(corpus)
    try:
        repr(known).encode()
    except UnicodeEncodeError:
        return {"name": "recordings", "fingerprint": known["fingerprint"]}
    return known


def _write(path: Path, remarks: Sequence[str], content: Mapping[str, Any]) -> None:
    lines = [f"# {remark}" if remark else "#" for remark in remarks]
    text = "\n".join([*lines, "", tomli_w.dumps(_sayable(content))])
    with replaced(path) as file:
        file.write(text.encode())


def _sayable(content: Any) -> Any:
    """Without what TOML has no word for, which is None; inf is a default of profiles."""
    if isinstance(content, Mapping):
        known = {name: value for name, value in content.items() if value not in (None, inf)}
        return {name: _sayable(value) for name, value in known.items()}
    return [_sayable(one) for one in content] if isinstance(content, list | tuple) else content


def _digest(path: Path) -> str:
    """What tells a file, or a folder with all of its files, from others."""
    digest = blake2b(digest_size=16)
    for file in [path, *sorted(path.rglob("*"))]:
        if file.is_file():
            digest.update(f"{file.relative_to(path)}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()
