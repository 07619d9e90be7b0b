"""Naming: what the names of folders and files say of recordings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fedasc.corpus.builders.words import label_in
from fedasc.corpus.recordings import LABELS
from fedasc.errors import SettingsError

DEEPEST = 2
"""Levels of folders whose names may say a label by themselves."""


@dataclass(frozen=True)
class Naming:
    """What folders and files are called.

    Args:
        labels: NAME=LABEL, for folders whose names say no label, or another one. NAME is that of a
            folder, or its path in the folder that is read, and may hold the wildcards *, ? and
            [...]; capitals don't count. The folder is a type by its own name.
        group: Regular expression with one group in brackets: what that holds of a file's path, of
            the files where it occurs, is what they have in common. Empty for what folders say.

    Raises:
        SettingsError: If one of them can't be used.
    """

    labels: tuple[str, ...] = ()
    group: str = ""

    def __post_init__(self) -> None:
        for text in self.labels:
            name, _, label = text.rpartition("=")
            if not name or label not in LABELS:
                raise SettingsError(
                    f"--label {text}: expected NAME=LABEL with the name of a folder and one of "
                    f"{', '.join(LABELS)}, such as traffic=noise"
                )
        try:
            n_groups = re.compile(self.group).groups
        except re.error as error:
            raise SettingsError(f"--group {self.group}: no regular expression ({error})") from None
        if self.group and n_groups != 1:
            raise SettingsError(
                f"--group {self.group}: expected one group in brackets, got {n_groups}; write "
                "(?:...) for brackets that only hold together"
            )

    def place(self, folders: Sequence[str], n_above: int = 0) -> tuple[str, int]:
        """The label of a file, and the level of the folder whose name is its type.

        What was said of a folder goes before what its name says, and outer ones before inner ones.

        Args:
            folders: That it lies in, from the outermost one on.
            n_above: How many of these all files lie in.

        Returns:
            No label if they don't say any.
        """
        for level in range(len(folders)):
            for text in self.labels:
                if is_about(text, folders[: level + 1]):
                    return text.rpartition("=")[2], level
        for level, folder in enumerate(folders[: n_above + DEEPEST]):
            if label := label_in(folder):
                return label, min(level + 1, len(folders) - 1)
        return "", 0

    def group_of(self, path: str) -> str:
        """What a file has in common with others; empty if its path doesn't say."""
        match = re.search(self.group, path) if self.group else None
        return (match[1] or "") if match else ""


AS_NAMED = Naming()
"""Nothing but what folders are called."""


def is_about(text: str, folders: Sequence[str]) -> bool:
    """Whether NAME=LABEL is about a folder, given with those that it lies in."""
    name = text.rpartition("=")[0].casefold()
    return any(fnmatchcase(one.casefold(), name) for one in (folders[-1], "/".join(folders)))
