"""A page of results in Markdown whose sections are made one by one, each with its origin."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fedasc.corpus.pool import Pool


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What figures are made of.

    Args:
        commands: That make them.
        commit: Of fedasc.
        corpora: What each held, in words; see `corpus_in_words`.
        seeds: Of the splits.
        chosen: Whether the splits are nested in the server's part, to choose by.
    """

    commands: Sequence[str]
    commit: str
    corpora: Sequence[str]
    seeds: Sequence[int]
    chosen: bool = False

    def in_words(self) -> str:
        """A paragraph."""
        first, last = self.seeds[0], self.seeds[-1]
        seeds = f"seeds {first} to {last}" if last > first else f"seed {first}"
        splits = f"{len(self.seeds)} split(s) by group, {seeds}"
        where = ", nested in the server's part: to choose by, not to report" if self.chosen else ""
        commands = " and ".join(f"`{command}`" for command in self.commands)
        return (
            f"{commands}; commit {self.commit}; {splits}{where}; recordings: "
            f"{'; '.join(self.corpora)}."
        )


def corpus_in_words(pool: Pool, fingerprint: str, *, letter: str = "") -> str:
    """How many clips it has, and a fingerprint of their content; its place is nobody's business.

    Args:
        letter: Of several.
    """
    counts: Mapping[str, int] = pool.facts()["n_clips"]
    parts = ", ".join(f"{n:,} {label}" for label, n in sorted(counts.items()))
    head = f"{letter}, " if letter else ""
    return f"{head}{sum(counts.values()):,} clips ({parts}), fingerprint `{fingerprint}`"


def section(title: str, origin: Origin, body: str) -> str:
    """A title, where figures come from, and what they are."""
    return f"## {title}\n\n{origin.in_words()}\n\n{body}"


def page_of(head: str, sections: Mapping[str, str]) -> str:
    """A page of sections by name, each between marks from which `sections_of` reads it again."""
    parts = (
        f"<!-- begin: {name} -->\n\n{text.strip()}\n\n<!-- end: {name} -->\n"
        for name, text in sections.items()
    )
    return "\n".join([head.strip() + "\n", *parts])


def sections_of(page: str) -> dict[str, str]:
    """What stands in each section of a page."""
    return dict(re.findall(r"<!-- begin: (\S+) -->\n\n(.*?)\n\n<!-- end: \1 -->", page, re.DOTALL))


def filled(page: str, tables: Mapping[str, str]) -> str:
    """A page of prose with tables between the marks that it has for them, in place of the last."""
    for name, table in tables.items():
        begin, end = f"<!-- begin: {name} -->\n", f"<!-- end: {name} -->"
        before, mark, rest = page.partition(begin)
        if mark:
            page = f"{before}{begin}\n{table}\n\n{end}{rest.partition(end)[2]}"
    return page


def not_measured(title: str, command: str) -> str:
    """What stands in a section before anything was measured."""
    return f"## {title}\n\nNot measured yet: `{command}` does it."
