"""Run the README's first command, and show its results there as a table and a picture."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from threadpoolctl import threadpool_limits

from fedasc.cli.phases import Phases
from fedasc.cli.terminal import guarded
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.errors import RunError
from fedasc.execution import Engine, Execution
from fedasc.population.profile import find_profiles
from fedasc.report.table import result_markdown
from fedasc.runs.inputs import Inputs
from fedasc.runs.run import run
from fedasc.settings import Settings

README = Path(__file__).parents[1] / "README.md"
PICTURE = README.parent / "docs" / "gains.png"
BEGIN, END = "<!-- begin: python simulations/readme.py -->\n", "<!-- end -->\n"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    check: Annotated[
        bool, typer.Option(help="Change nothing, and end with an error if the table is stale.")
    ] = False,
    engine: Annotated[Engine, typer.Option(help="Changes no result.")] = "ray",
) -> None:
    """Bring the table and the picture of the embedded corpus up to date."""
    console = Console(stderr=True)
    with guarded(console), threadpool_limits(1), Phases(console) as phases:
        with tempfile.TemporaryDirectory() as folder:
            inputs = Inputs(
                settings=Settings(probes=()),
                corpora=[SyntheticCorpus()],
                profiles=find_profiles("synthetic"),
            )
            done = run(
                inputs,
                folder=Path(folder) / "run",
                execution=Execution(engine=engine),
                progress=phases,
            )
        before = README.read_text(encoding="utf-8")
        after = with_table(before, result_markdown(done.profiles))
        if check and after != before:
            raise RunError("the README's table is stale; run python simulations/readme.py")
        if not check:
            README.write_text(after, encoding="utf-8")
            done.plot.gains().savefig(PICTURE, dpi=110)


def with_table(text: str, table: str) -> str:
    """The README's text with another table.

    Raises:
        RunError: If the marks around it are missing.
    """
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise RunError(f"{README}: expected {BEGIN.strip()} and {END.strip()} around the table")
    return f"{head}{begin}\n{table}\n\n{end}{tail}"


if __name__ == "__main__":
    app()
