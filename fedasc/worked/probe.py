"""A probe: what else to find out of every device after a night, as columns of the results.

fedasc plugin check FILE.py
fedasc run --clients 4 --probe FILE.py:WorkedProbe
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedasc import Probe
from fedasc.probes.sight import Sight


@dataclass(frozen=True, kw_only=True)
class WorkedProbe(Probe):
    """How loud the day got, and how often the new classifier says the same as the old one.

    The fields are what a section of the list probes in a settings file may say; each has a default.

    Args:
        share: Of the windows that may be louder.
    """

    columns = ("loud_db", "agreement")  # names of all that look may tell

    share: float = 0.05

    def look(self, sight: Sight) -> Mapping[str, Any]:
        """What it tells of a device: numbers, texts or truth values by column.

        Args:
            sight: All that a simulation sees: what was heard (sight.heard.x, .scene), the
                evaluation windows, what was sent and what came back, and the server. It must be
                left as it is; draws come from sight.rng().
        """
        levels = sorted(sight.heard.x.max(axis=1).tolist())
        told = {"loud_db": levels[-1 - int(self.share * len(levels))]}
        if sight.personal is not None:  # None where nothing came back: then the column stays empty
            x = sight.evaluation.x
            said = sight.personal.classifier.predict(x)
            told["agreement"] = float((said == sight.server.baseline.predict(x)).mean())
        return told
