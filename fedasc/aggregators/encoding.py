"""How the content of a summary goes over the wire."""

from typing import Protocol, TypeVar

from fedasc.aggregators.content import Arrays, Content
from fedasc.errors import MessageError

C = TypeVar("C", bound=Content)


class Encoding(Protocol):
    """A way to write the content of a summary as arrays."""

    def encode(self, content: Content) -> Arrays:
        """What goes over the wire."""
        ...

    def decode(self, kind: type[C], arrays: Arrays) -> C:
        """The content that arrays stand for.

        Raises:
            MessageError: If they stand for none of that kind, or hold more than it.
        """
        ...


class Plain:
    """As the content says itself."""

    def encode(self, content: Content) -> Arrays:
        return content.arrays()

    def decode(self, kind: type[C], arrays: Arrays) -> C:
        try:
            content = kind.of_arrays(arrays)
        except (KeyError, TypeError):
            names = ", ".join(sorted(arrays))
            raise MessageError(f"summary: {kind.kind} doesn't consist of {names}") from None
        if _facts(content.arrays()) != _facts(arrays):
            raise MessageError(f"summary: expected the numbers of {kind.kind} and nothing else")
        return content


PLAIN = Plain()


def _facts(arrays: Arrays) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in arrays.items()}
