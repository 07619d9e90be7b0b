"""A question that a simulation asks of every device; its answers are columns of the results."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from fedasc.plugins import Family, Plugin
from fedasc.probes.sight import Sight


class Probe(Plugin):
    """What to find out of a device. Implementations are frozen dataclasses of their settings.

    No message carries any of it, and no strategy may use it.

    Examples:
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True, kw_only=True)
        ... class Loudest(Probe):
        ...     columns = ("loudest_db",)
        ...
        ...     def look(self, sight):
        ...         return {"loudest_db": float(sight.heard.x.max())}
        >>> Loudest().columns
        ('loudest_db',)
    """

    family = Family(
        word="probe",
        group="fedasc.probes",
        default="",
        builtin={
            "certainty": "fedasc.probes.certainty:CertaintyProbe",
            "yardsticks": "fedasc.probes.yardsticks:YardsticksProbe",
            "components": "fedasc.probes.components:ComponentsProbe",
            "samples": "fedasc.probes.samples:SamplesProbe",
            "two-samples": "fedasc.probes.two_samples:TwoSamplesProbe",
        },
    )

    asks_teacher: ClassVar[bool] = False
    """Whether it wants to know what the teacher says of the day, see `Sight.verdict`; such answers
    are kept."""

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Names of what it tells; a class attribute will do."""

    @abstractmethod
    def look(self, sight: Sight) -> Mapping[str, Any]:
        """What it tells of a device on a night.

        Returns:
            Texts, numbers or truth values by column; a column without one stays empty.
        """
