"""The classifiers in a request: those that all its devices share are read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from flwr.app import Message

from fedasc.errors import MessageError
from fedasc.flower.messages import PERSONAL, SHIPPED, held_by
from fedasc.flower.records import classifier_of
from fedasc.models.embedded import EmbeddedClassifier


@dataclass(frozen=True)
class Given:
    """What devices are sent.

    Args:
        request: To summarise or to judge.
    """

    request: Message

    @cached_property
    def shared(self) -> Mapping[str, EmbeddedClassifier]:
        """What all of them are sent, by name.

        Raises:
            MessageError: If it is anything else.
        """
        records = self.request.content.array_records
        return {
            name: classifier_of(record)
            for name, record in records.items()
            if not name.startswith(held_by(""))
        }

    def held(self, device: int) -> EmbeddedClassifier | None:
        """What one of them has, if it isn't what was shipped.

        Raises:
            MessageError: If it is anything else.
        """
        record = self.request.content.array_records.get(held_by(device))
        return None if record is None else classifier_of(record)

    def had(self, device: int) -> EmbeddedClassifier:
        """What one of them has.

        Raises:
            MessageError: If there is nothing.
        """
        has = self.held(device) or self.shared.get(SHIPPED)
        if has is None:
            raise MessageError(f"request: expected a classifier of device {device}")
        return has

    def judged(self, device: int) -> dict[str, EmbeddedClassifier]:
        """What one of them shall judge, by name.

        Raises:
            MessageError: If it is anything else.
        """
        has = self.held(device)
        return {**self.shared, **({} if has is None else {PERSONAL: has})}
