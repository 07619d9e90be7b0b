"""`fedasc privacy` as a script: what releases give away."""

from fedasc.cli.privacy import privacy
from fedasc.cli.terminal import script

app = script(privacy)

if __name__ == "__main__":
    app()
