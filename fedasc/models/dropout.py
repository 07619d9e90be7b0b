"""What dropout drops: a function of a key, the epoch, the sample's position and the hidden unit.

No state is carried along, so that the draws are bit for bit the same in whatever order they are
made, by a compiled loop or by PyTorch on a GPU.
"""

from typing import Any, TypeVar

import numpy as np

_BITS = 0xFFFFFFFF

Words = TypeVar("Words")


def mixed(words: Words) -> Words:
    """Numbers of 32 bits, thoroughly mixed: `lowbias32` of C. Wellons' Hash Prospector (2018).

    Args:
        words: An integer, an array or a tensor of 64-bit integers, all from 0 to 2³² - 1.

    Returns:
        As many from 0 to 2³² - 1, different for different words.
    """
    numbers: Any = words
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        # an overflow of 64 bits doesn't reach the lower half
        numbers = (numbers ^ (numbers >> shift)) * factor & _BITS
    mixed_words: Words = numbers ^ (numbers >> 16)
    return mixed_words


def draw_key(rng: np.random.Generator) -> int:
    """A key of 64 bits for one training."""
    return int(rng.integers(2**64, dtype=np.uint64))


def epoch_words(key: int, epoch: int) -> tuple[int, int]:
    """Two words of 32 bits that tell what is dropped in one epoch.

    Args:
        key: 64 bits; the words of different epochs differ, whatever the key.
        epoch: From 0 on.
    """
    first = mixed(epoch ^ key & _BITS)
    return first, mixed(first ^ key >> 32)


def draws(words: tuple[Any, Any], position: Words, unit: Words) -> Words:
    """Numbers from 0 to 2³² - 1; a hidden output is dropped where its number is below a threshold.

    Args:
        words: Of the epoch (see `epoch_words`): integers, or arrays or tensors that broadcast.
        position: Of the sample in the order of the epoch, from 0 on.
        unit: Of the hidden layer, from 0 on.
    """
    first, second = words
    of_sample: Any = mixed(position ^ first)
    drawn: Words = mixed(of_sample ^ ((second + unit) & _BITS))
    return drawn


def threshold(share: float) -> int:
    """Below which numbers are that share of all."""
    return int(share * 2**32)
