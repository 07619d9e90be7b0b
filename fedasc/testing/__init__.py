"""Checks that authors of plug-ins call in their own tests, in one line each."""

from fedasc.testing.aggregators import check_aggregator
from fedasc.testing.probes import check_probe
from fedasc.testing.strategies import check_strategy
from fedasc.testing.teachers import check_teacher

__all__ = ["check_aggregator", "check_probe", "check_strategy", "check_teacher"]
