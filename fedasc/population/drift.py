"""Drift: how a user's world changes from night to night."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from fedasc.population.dirichlet import drawn_shares
from fedasc.population.users import User
from fedasc.seeds import Purpose, Streams


def lived(user: User, night: int, *, elsewhere: Sequence[str], streams: Streams) -> Iterator[User]:
    """The user as she lives on each night until one, that one too; as she was drawn on night 0.

    From one night to the next, each of her noise types gives way to one that she doesn't hear with
    the probability `drift`, and takes its weight along; the scenes' shares move by `drift` towards
    others, drawn evenly from all there could be.

    Args:
        elsewhere: Noise types that users may come across.
    """
    yield user
    for past in range(1, night + 1) if user.drift else ():
        rng = streams.generator(Purpose.DRIFT, past, user.index)
        hers = user.surroundings.noise_types
        noise_types = list(hers or ())
        strange = [kind for kind in elsewhere if kind not in noise_types]
        rng.shuffle(strange)
        for place in np.flatnonzero(rng.random(len(noise_types)) < user.drift)[: len(strange)]:
            noise_types[place] = strange.pop()
        towards = drawn_shares(rng, len(user.shares), 1.0)
        shares = (1 - user.drift) * np.array(user.shares) + user.drift * towards
        user = replace(
            user,
            surroundings=replace(
                user.surroundings, noise_types=None if hers is None else tuple(noise_types)
            ),
            shares=tuple(shares.tolist()),
        )
        yield user
