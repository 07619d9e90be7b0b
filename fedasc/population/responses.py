"""Responses that users' microphones may have, from a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedasc.audio.response import Response
from fedasc.config import from_mapping, read_toml
from fedasc.corpus.tables import read_table
from fedasc.errors import CorpusError, SettingsError

_HZ = "hz"


@dataclass(frozen=True, kw_only=True)
class Responses:
    """Measured responses, of which each user's microphone has one.

    Settings name their file, and hold from then on what stood in it.

    Args:
        each: All of them; none if microphones are flat.

    Raises:
        SettingsError: If two have the same name.
    """

    each: tuple[Response, ...] = ()

    def __post_init__(self) -> None:
        names = [response.name for response in self.each]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise SettingsError(f"responses: {twice[0]!r} stands there twice")

    @classmethod
    def from_section(cls, section: Any, *, where: str) -> "Responses":
        """Of the path of a file (see `read_responses`), or of what settings say that once read it.

        Raises:
            SettingsError: If they can't be used.
        """
        if isinstance(section, str):
            return read_responses(Path(section))
        if not isinstance(section, Mapping):
            raise SettingsError(
                f"{where}: expected the path of a TOML or CSV file, got {section!r}"
            )
        return from_mapping(cls, section, where=where)

    def named(self, name: str) -> Response:
        """The response of a name.

        Raises:
            SettingsError: If there is none.
        """
        for response in self.each:
            if response.name == name:
                return response
        known = ", ".join(response.name for response in self.each)
        raise SettingsError(
            f"no response {name!r} in the file that users.responses names"
            + (f"; it has {known}" if known else ", which isn't set")
        )


def read_responses(path: Path) -> Responses:
    """Read responses.

    Args:
        path: TOML with a section for each, named like it, that holds either hz and db, or taps, or
            biquads; or CSV with the column hz and for each a column of gains in dB, named like it.

    Raises:
        SettingsError: If the file is missing or can't be used.
    """
    sections = _columns(path) if path.suffix.lower() == ".csv" else read_toml(path)
    if not sections:
        raise SettingsError(f"{path}: has no response")
    each = []
    for name, section in sections.items():
        if not isinstance(section, Mapping) or "name" in section:
            raise SettingsError(f"{path}: expected sections with hz and db, taps, or biquads")
        each.append(from_mapping(Response, {"name": name, **section}, where=f"{path}, [{name}]"))
    return Responses(each=tuple(each))


def _columns(path: Path) -> Mapping[str, Mapping[str, Any]]:
    if not path.is_file():
        raise SettingsError(f"{path}: no such file; give the path of a TOML or CSV file")
    try:
        table = read_table(path, required=[_HZ], numbers=None)
    except CorpusError as error:
        raise SettingsError(str(error)) from error
    first, *names = table.columns or ("",)
    if first != _HZ or not names:
        raise SettingsError(f"{path}: the first line must be hz and the names of responses")
    if not table.rows:
        raise SettingsError(f"{path}: has no line below the first, such as 1000 and gains in dB")
    numbers = []
    for line, row in table.rows:
        try:
            if "" in row:
                raise ValueError("more cells than columns")
            numbers.append([float(row[name]) for name in table.columns])
        except ValueError as error:
            raise SettingsError(
                f"{path}, line {line}: must have a number for each of "
                f"{', '.join(table.columns)} ({error})"
            ) from error
    hz, *gains = map(list, zip(*numbers, strict=True))
    return {name: {_HZ: hz, "db": db} for name, db in zip(names, gains, strict=True)}
