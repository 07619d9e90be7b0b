"""The command `fedasc` as Click has it, for the page of its options."""

import typer

from fedasc.cli.main import app

fedasc = typer.main.get_command(app)
