"""The commands `fedasc plugin`: plug-ins of one's own, begun and checked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from fedasc.cli.help import App
from fedasc.cli.options import AsJson, Quiet, Verbose
from fedasc.cli.terminal import Terminal
from fedasc.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from fedasc.testing.verdict import Verdict

app = App(no_args_is_help=True, help="Begin and check plug-ins of one's own.")


@app.command()
def check(
    place: Annotated[
        str,
        typer.Argument(
            metavar="FILE.py:CLASS",
            help="The plug-in; the file alone for all in it, package.module:Class, or a name.",
        ),
    ],
    chosen: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A setting of the plug-in, as in a settings file; may be given more than once.",
        ),
    ] = None,
    limit: Annotated[
        float, typer.Option(help="Seconds that a check may take; then it is too slow.", min=0.1)
    ] = 30.0,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Hold a plug-in to all that runs rely on, with days that are made up.

    Needs no recordings and takes about two seconds. Exit code 1 if it fails a check, 2 if it can't
    be loaded.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    with terminal.job():
        from fedasc.plugins import built
        from fedasc.testing.plugins_at import plugins_at
        from fedasc.testing.verdict import verdict_on

        settings = _settings(chosen or [])
        plugins = [
            built(kind, settings, where=f"{kind.family.word} {place!r}")
            for kind in plugins_at(place)
        ]
        verdicts = [verdict_on(plugin, limit_s=limit) for plugin in plugins]
    terminal.show(
        *(line for verdict in verdicts for line in _shown(verdict)),
        last="",
        summary={"plugins": [verdict.as_json() for verdict in verdicts]},
    )
    if any(verdict.failed for verdict in verdicts):
        raise typer.Exit(1)


@app.command()
def new(
    family: Annotated[
        Literal["aggregator", "strategy", "probe", "teacher"],
        typer.Argument(help="What it is to be."),
    ],
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Of the file, without .py; perhaps in a folder: ideas/loudest."
        ),
    ],
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Write a plug-in that works, documented line by line, and a test beside it.

    It passes `fedasc plugin check` and runs as it is; nothing that is there is overwritten.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    with terminal.job():
        from fedasc.worked.writing import write_worked

        file, test, class_name = write_worked(family, Path(name))
    option = f"--{family} {file}:{class_name}"
    terminal.show(
        last=f"Wrote {file} and {test}. Now:\n"
        f"  fedasc plugin check {file}\n"
        f"  pytest {test}\n"
        f"  fedasc run --clients 4 {option}",
        summary={"file": str(file), "test": str(test), "class": class_name},
    )


def _settings(chosen: list[str]) -> dict[str, Any]:
    """Settings of NAME=VALUE, values as TOML has them.

    Raises:
        SettingsError: If it isn't that.
    """
    import tomllib

    settings: dict[str, Any] = {}
    for one in chosen:
        try:
            settings |= tomllib.loads(one)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(
                f"--set {one}: expected NAME=VALUE as in a settings file, texts in quotes ({error})"
            ) from None
    return settings


def _shown(verdict: "Verdict") -> "Iterator[RenderableType]":
    from rich.padding import Padding
    from rich.text import Text

    def indented(text: Text | str, by: int) -> Padding:
        return Padding(text if isinstance(text, Text) else Text(text), (0, 0, 0, by), expand=False)

    failed = verdict.failed
    yield Text(f"{verdict.family} {verdict.name}", style="bold")
    told: set[tuple[str, str]] = set()
    for one in verdict.outcomes:
        if one.passed:
            yield indented(Text.assemble(("ok     ", "green"), one.name), 2)
            continue
        yield indented(Text.assemble(("FAILS  ", "bold red"), one.name, "  ", one.line), 2)
        cause = one.error.__cause__ or one.error if one.error else None
        if (key := (one.line, str(cause))) in told:
            yield indented("likewise", 9)
            continue
        told.add(key)
        yield indented(one.failure, 9)
        yield indented(Text.assemble(("cure: ", "bold"), one.cure), 9)
    for title, facts in (("A day of 1,000 windows", verdict.facts), ("Odd days", verdict.days)):
        if facts:
            yield indented(Text(title, style="bold"), 2)
            for name, fact in facts.items():
                yield indented(f"{name}: {fact}", 4)
    n = len(verdict.outcomes)
    ends = f"{len(failed)} of {n} checks failed" if failed else f"all {n} checks passed"
    yield indented(f"{ends} in {verdict.seconds:.1f} s", 2)
