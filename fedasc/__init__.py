"""Personal acoustic scene classification in hearing aids: a federated-learning simulation.

What stands in `__all__` is public and stays as it is; everything else may change from version to
version. All of it is imported when it is first used, since PyTorch and Flower take seconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fedasc.aggregators.aggregator import Aggregator
    from fedasc.aggregators.content import Content
    from fedasc.aggregators.mixture import Mixture
    from fedasc.aggregators.summary import Summary
    from fedasc.api import resume, run
    from fedasc.errors import FedascError
    from fedasc.evaluation.predictions import Predictions
    from fedasc.execution import Execution
    from fedasc.probes.probe import Probe
    from fedasc.runs.result import Run, load
    from fedasc.settings import Settings
    from fedasc.strategies.strategy import Strategy

__all__ = [
    "Aggregator",
    "Content",
    "Execution",
    "FedascError",
    "Mixture",
    "Predictions",
    "Probe",
    "Run",
    "Settings",
    "Strategy",
    "Summary",
    "load",
    "resume",
    "run",
]

_MODULES = {
    "Aggregator": "fedasc.aggregators.aggregator",
    "Content": "fedasc.aggregators.content",
    "Execution": "fedasc.execution",
    "FedascError": "fedasc.errors",
    "Mixture": "fedasc.aggregators.mixture",
    "Predictions": "fedasc.evaluation.predictions",
    "Probe": "fedasc.probes.probe",
    "Run": "fedasc.runs.result",
    "Settings": "fedasc.settings",
    "Strategy": "fedasc.strategies.strategy",
    "Summary": "fedasc.aggregators.summary",
    "load": "fedasc.runs.result",
    "resume": "fedasc.api",
    "run": "fedasc.api",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
