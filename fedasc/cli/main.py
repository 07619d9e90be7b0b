"""The command `fedasc`.

Its modules import nothing at their head that takes a while: what a command works with, it imports
when it is called, so that help and completion come at once.
"""

from typing import Annotated

import typer

from fedasc.cli import cache, corpus, plugin
from fedasc.cli.bank import bank
from fedasc.cli.budget import budget
from fedasc.cli.choose import choose
from fedasc.cli.compare import compare
from fedasc.cli.evaluate import evaluate
from fedasc.cli.export import export
from fedasc.cli.help import App
from fedasc.cli.listen import listen
from fedasc.cli.paper import paper
from fedasc.cli.personalise import personalise
from fedasc.cli.privacy import privacy
from fedasc.cli.run import run
from fedasc.cli.server import server
from fedasc.cli.users import users
from fedasc.cli.version import show_version
from fedasc.cli.when import when

app = App(no_args_is_help=True)


@app.callback()
def fedasc(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Tell the versions of fedasc, of Python and of the packages that matter most.",
            callback=show_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Simulate personal acoustic scene classifiers in hearing aids."""


for command in (run, compare, when, privacy, paper, choose, bank, users, budget):
    app.command()(command)
for by_hand in (listen, server, personalise, evaluate, export):
    app.command(rich_help_panel="With sound of one's own")(by_hand)
app.add_typer(corpus.app, name="corpus")
app.add_typer(cache.app, name="cache")
app.add_typer(plugin.app, name="plugin")
