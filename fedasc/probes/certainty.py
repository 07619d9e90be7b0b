"""How certain the teacher is of a day, and how often it is wrong nonetheless."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedasc.evaluation.diagnosis import where_certain
from fedasc.probes.probe import Probe
from fedasc.probes.sight import Sight


@dataclass(frozen=True, kw_only=True)
class CertaintyProbe(Probe):
    """The teacher on what was heard itself, whatever the device sends.

    It tells certain_share, the share that the teacher is certain enough of, and certain_error, how
    much of that it gets wrong.
    """

    columns = ("certain_share", "certain_error")
    asks_teacher = True

    def look(self, sight: Sight) -> Mapping[str, Any]:
        certain = where_certain(sight.verdict, sight.heard.scene, certainty=sight.certainty)
        return dict(zip(self.columns, (certain.share, certain.error), strict=True))
