"""How well a classifier tells artificial samples from what was heard."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedasc.evaluation.diagnosis import two_sample_test
from fedasc.probes.probe import Probe
from fedasc.probes.sight import Sight


@dataclass(frozen=True, kw_only=True)
class TwoSamplesProbe(Probe):
    """A classifier two-sample test, which takes a second for each device.

    It tells two_sample_accuracy and two_sample_auc, see
    `fedasc.evaluation.diagnosis.TwoSampleTest`.
    """

    columns = ("two_sample_accuracy", "two_sample_auc")

    def look(self, sight: Sight) -> Mapping[str, Any]:
        pair = sight.heard_and_artificial()
        if pair is None:
            return {}
        test = two_sample_test(*pair, seed=sight.seed())
        return {"two_sample_accuracy": test.accuracy, "two_sample_auc": test.auc}
