"""`fedasc run` as a script: simulate nights of many hearing aids."""

from fedasc.cli.run import run
from fedasc.cli.terminal import script

app = script(run)

if __name__ == "__main__":
    app()
