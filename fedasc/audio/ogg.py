"""Ogg: where the files begin that were joined into one (RFC 3533 calls it chaining)."""

from mmap import mmap

_HEADER_BYTES = 27
_FIRST_PAGE = 2


def ogg_links(data: bytes | mmap) -> tuple[slice, ...]:
    """The bytes of each link of a chain; one slice for a file that was not joined.

    A link starts with the first page of a stream, where the page before it is no such page.
    """
    starts = []
    at, was_first = 0, False
    while (at := data.find(b"OggS", at)) >= 0 and at + _HEADER_BYTES <= len(data):
        is_first = bool(data[at + 5] & _FIRST_PAGE)
        if is_first and not was_first:
            starts.append(at)
        was_first = is_first
        n_segments = data[at + 26]
        lengths = data[at + _HEADER_BYTES : at + _HEADER_BYTES + n_segments]
        at += _HEADER_BYTES + n_segments + sum(lengths)
    return tuple(map(slice, starts, [*starts[1:], len(data)]))
