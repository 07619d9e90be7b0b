"""`fedasc when` as a script: when it pays to be personal."""

from fedasc.cli.terminal import script
from fedasc.cli.when import when

app = script(when)

if __name__ == "__main__":
    app()
