"""Servers that commands are told of, or the one that is meant if they aren't."""

from pathlib import Path

from fedasc.cli.terminal import error_console


def server_folder(folder: Path | None, *, quiet: bool) -> Path:
    """The folder of a server: the given one, or that of the embedded corpus, made if need be."""
    if folder is not None:
        return folder
    from fedasc.cli.phases import Phases
    from fedasc.live.shelf import embedded_server

    with Phases(error_console(quiet=quiet)) as phases:
        return embedded_server(progress=phases)
