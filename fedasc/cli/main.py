"""The command `fedasc`."""

import typer

from fedasc.cli import cache, corpus, users

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Prepare recordings and users for simulations of personal acoustic scene classifiers.",
)
app.add_typer(cache.app, name="cache")
app.add_typer(corpus.app, name="corpus")
app.command("users")(users.draw)
