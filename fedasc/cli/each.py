"""Commands that run a design on several corpora, each by itself, and put them side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fedasc.cli.terminal import Terminal
from fedasc.errors import SettingsError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from fedasc.corpus.recordings import Corpus
    from fedasc.population.profile import Profiles
    from fedasc.report.corpora import Gain


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What came out on a corpus, or on several as one.

    Args:
        name: Of the corpus.
        shown: For people.
        summary: The same for programs.
        rows: Of all entries.
        write: Makes the folder of its results; None if there is none.
    """

    name: str
    shown: "tuple[RenderableType, ...]"
    summary: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    write: Callable[[Path], None] | None = None


def each_corpus(
    corpus: Sequence[Path] | None, also: Sequence[Path] | None, profiles: str | None
) -> "list[tuple[list[Corpus], Profiles]]":
    """The corpora that are one pool, then every other one by itself, with their users.

    Raises:
        FedascError: If a manifest or the profiles can't be used, or one is named twice.
    """
    from fedasc.api import corpora_of, profiles_of
    from fedasc.report.corpora import LETTERS

    named = [path.resolve() for path in (*(corpus or ()), *(also or ()))]
    for path in also or ():
        if named.count(path.resolve()) > 1:
            raise SettingsError(
                f"--also {path}: is there twice; what holds on the same recordings again says "
                "nothing, so name others"
            )
    if len(also or ()) >= len(LETTERS):
        raise SettingsError(f"--also: at most {len(LETTERS) - 1} corpora, got {len(also or ())}")
    pools = [corpora_of(corpus), *(corpora_of([path]) for path in also or ())]
    return [(corpora, profiles_of(profiles, corpora)) for corpora in pools]


def name_of(corpora: "Sequence[Corpus]") -> str:
    """What to call corpora that are one pool."""
    return " and ".join(corpus.name for corpus in corpora)


def write_all(
    folder: Path, findings: Sequence[Finding], keys: Sequence[str], gains: "Sequence[Gain]"
) -> None:
    """Write the folder of a finding; of several, a folder with theirs and corpora.csv.

    It appears whole or not at all.

    Args:
        folder: Must not exist yet.
        keys, gains: See `fedasc.report.corpora.beside`.
    """
    from fedasc.report.corpora import beside
    from fedasc.report.folder import write_each

    rows = beside([finding.rows for finding in findings], keys, gains)
    write_each(folder, [finding.write for finding in findings if finding.write], rows)


def show_all(
    terminal: Terminal,
    findings: Sequence[Finding],
    keys: Sequence[str],
    gains: "Sequence[Gain]",
    *,
    last: str,
    summary: Mapping[str, Any],
) -> None:
    """Show what came out on each corpus, and if there are several, side by side.

    Args:
        keys, gains: See `fedasc.report.corpora.beside`.
        last: A line that says where more of it is.
        summary: What programs are told beside the findings.
    """
    from fedasc.report.corpora import LETTERS, beside, beside_table

    if len(findings) == 1:
        (only,) = findings
        terminal.show(*only.shown, last=last, summary={**summary, **only.summary})
        return
    rows = beside([finding.rows for finding in findings], keys, gains)
    parts = [
        part
        for letter, finding in zip(LETTERS, findings, strict=False)
        for part in (f"\n{letter}: {finding.name}", *finding.shown)
    ]
    names = [finding.name for finding in findings]
    terminal.show(
        *parts,
        beside_table(rows, keys, gains, names),
        last=last,
        summary={
            **summary,
            "corpora": [{"corpus": one.name, **one.summary} for one in findings],
            "side_by_side": rows,
        },
    )
