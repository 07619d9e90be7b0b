"""The commands `fedasc cache`: see what is kept, and remove what isn't needed."""

import time
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fedasc.cli.help import App
from fedasc.cli.options import AsJson, Quiet, Verbose
from fedasc.cli.terminal import Terminal, error_console
from fedasc.errors import SettingsError

if TYPE_CHECKING:
    from rich.table import Table

    from fedasc.inventory import Item

app = App(help="See what is kept, and remove what isn't needed.")

_DAY_S = 86_400


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """List what is kept: how much of each kind, and when it was used.

    Stale is what other code or other versions have made: nobody will ask for it again. Unfinished
    is what is in the making or was left by a process that was interrupted.
    """
    if context.invoked_subcommand:
        return
    from fedasc.inventory import inventory
    from fedasc.places import cache_root

    terminal = Terminal(quiet=quiet, verbose=verbose, as_json=as_json)
    with terminal.guarded():
        if quiet and not as_json:
            raise SettingsError("--quiet leaves nothing to see; give --json as well")
        items = inventory()
    kinds = [_numbers(kind, of_kind) for kind, of_kind in _by_kind(items)]
    terminal.show(
        _table(items),
        last=f"In {cache_root()}",
        summary={"folder": str(cache_root()), "kinds": kinds},
    )


@app.command()
def prune(
    older_than: Annotated[
        float | None, typer.Option(help="Only what wasn't used for so many days.", min=0)
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind, as it is listed.")] = None,
    stale: Annotated[
        bool, typer.Option("--stale", help="Only what other code or other versions have made.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Remove what all given conditions hold for; what is being made stays.

    Not while a simulation runs that uses it. Everything can be made again.
    """
    from fedasc.inventory import chosen, inventory, remove
    from fedasc.places import cache_root

    terminal = Terminal(quiet=quiet, verbose=verbose, as_json=as_json)
    with terminal.guarded():
        if older_than is None and kind is None and not stale:
            raise SettingsError("say what to remove: --older-than, --kind or --stale")
        since = None if older_than is None else time.time() - older_than * _DAY_S
        items = chosen(inventory(), kind=kind, unused_since_s=since, stale=stale)
        if items and not yes:
            if as_json or quiet:
                word = "--json" if as_json else "--quiet"
                raise SettingsError(f"with {word} nothing is asked; say --yes to remove it")
            error_console().print(_table(items))
            typer.confirm("Remove all this?", abort=True, err=True)
        gone = remove(items)
    busy = len(items) - len(gone)
    left = f"; {busy} in the making stay" if busy else ""
    kinds = [_numbers(name, of_kind) for name, of_kind in _by_kind(gone)]
    terminal.show(
        *([_table(items)] if items and yes else []),
        last=f"{len(gone)} removed, {_size(gone)}{left}" if items else "nothing to remove",
        summary={"folder": str(cache_root()), "removed": kinds, "n_in_the_making": busy},
    )


def _by_kind(items: "Sequence[Item]") -> "list[tuple[str, list[Item]]]":
    return [(kind, list(each)) for kind, each in groupby(items, key=lambda item: item.kind)]


def _numbers(kind: str, items: "Sequence[Item]") -> dict[str, Any]:
    used = [item.used_s for item in items]
    stale = [item for item in items if item.is_stale]
    return {
        "kind": kind,
        "n": len(items),
        "n_bytes": sum(item.n_bytes for item in items),
        "oldest_use": _moment(min(used)).isoformat(),
        "newest_use": _moment(max(used)).isoformat(),
        "n_stale": len(stale),
        "n_stale_bytes": sum(item.n_bytes for item in stale),
        "n_unfinished": sum(item.is_draft for item in items),
    }


def _table(items: "Sequence[Item]") -> "Table":
    from rich.table import Table

    table = Table("kind", box=None)
    for heading in ("number", "size", "oldest use", "newest use", "stale", "unfinished"):
        table.add_column(heading, justify="right")
    for kind, of_kind in [*_by_kind(items), ("all", list(items))]:
        used = [f"{_moment(item.used_s):%Y-%m-%d}" for item in of_kind]
        stale = [item for item in of_kind if item.is_stale]
        table.add_row(
            *(kind, str(len(of_kind)), _size(of_kind)),
            *(min(used, default="–"), max(used, default="–")),
            f"{len(stale)} ({_size(stale)})" if stale else "0",
            str(sum(item.is_draft for item in of_kind)),
        )
    return table


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()


def _size(items: "Sequence[Item]") -> str:
    return f"{sum(item.n_bytes for item in items) / 1e6:,.1f} MB"
