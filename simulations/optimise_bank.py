"""`fedasc bank` as a script: search for better edges of the filter banks."""

from fedasc.cli.bank import bank
from fedasc.cli.terminal import script

app = script(bank)

if __name__ == "__main__":
    app()
