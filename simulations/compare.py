"""`fedasc compare` as a script: aggregators and strategies on the same splits."""

from fedasc.cli.compare import compare
from fedasc.cli.terminal import script

app = script(compare)

if __name__ == "__main__":
    app()
