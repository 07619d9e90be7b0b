"""`fedasc choose` as a script: variants of the settings, where they may be chosen."""

from fedasc.cli.choose import choose
from fedasc.cli.terminal import script

app = script(choose)

if __name__ == "__main__":
    app()
