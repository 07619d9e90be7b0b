"""`fedasc paper` as a script: Figures 3 and 4 of the paper, with the numbers behind them."""

from fedasc.cli.paper import paper
from fedasc.cli.terminal import script

app = script(paper)

if __name__ == "__main__":
    app()
