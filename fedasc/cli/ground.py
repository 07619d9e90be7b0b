"""What a page of results is made of: recordings, splits, and who computes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedasc.corpus.recordings import Corpus
from fedasc.experiments.design import Design, Result, run_design
from fedasc.population.profile import Profiles
from fedasc.progress import Progress
from fedasc.report.corpora import LETTERS, Gain
from fedasc.report.corpora_page import beside_in_words
from fedasc.report.page import Origin
from fedasc.report.rows import Row


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Recordings that results are made of, and how.

    Args:
        pools: Corpora that are one pool, each with its users.
        held: What each pool holds, in words.
        commit: Of fedasc.
        profiles: As the command line names them, if it does.
        n_repetitions, seed: In place of what a preset says.
        n_workers: Processes.
        pictures: Folder for those beside the page.
        why: Whether to find out why, with the control *distilled*.
        progress: Of what takes long.
    """

    pools: Sequence[tuple[Sequence[Corpus], Profiles]]
    held: Sequence[str]
    commit: str
    profiles: str | None
    n_repetitions: int | None
    seed: int | None
    n_workers: int
    why: bool
    pictures: Path
    progress: Progress

    def results(self, design: Design) -> list[Result]:
        """Of a design on one of the pools."""
        return run_design(design, n_workers=self.n_workers, progress=self.progress)

    def origin(
        self, commands: Sequence[str], results: Sequence[Result], *, chosen: bool = False
    ) -> Origin:
        """Of results that commands of fedasc's make, or scripts in simulations."""
        also = "".join(f" --also {letter}.csv" for letter in LETTERS[1 : len(self.pools)])
        words: dict[str, Any] = {"repetitions": self.n_repetitions, "seed": self.seed}
        words |= {"profiles": self.profiles and Path(self.profiles).stem}
        rest = "".join(f" --{name} {value}" for name, value in words.items() if value is not None)
        return Origin(
            commands=[
                f"{_called(command)} --corpus path/to/manifest.csv{also}{rest}"
                for command in commands
            ],
            commit=self.commit,
            corpora=self.held,
            seeds=sorted({result.seed for result in results}),
            chosen=chosen,
        )

    def side_by_side(
        self,
        bodies: Sequence[str],
        tables: Sequence[Sequence[Row]],
        keys: Sequence[str],
        gains: Sequence[Gain],
    ) -> str:
        """What came out, by corpus if there are several."""
        if len(bodies) == 1:
            return bodies[0]
        parts = [f"### {one}\n\n{body}" for one, body in zip(LETTERS, bodies, strict=False)]
        return "\n\n".join([*parts, "### Side by side", beside_in_words(tables, keys, gains)])


def _called(command: str) -> str:
    """What to type: a script by its path, or a command of fedasc's."""
    return f"python {command}" if command.startswith("simulations/") else f"fedasc {command}"
