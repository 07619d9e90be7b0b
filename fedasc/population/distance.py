"""Distance: how far a user's world lies from what the baseline classifier knows."""

from collections.abc import Sequence

from fedasc.corpus.library import WHOLE, Excerpt, Library, Surroundings
from fedasc.corpus.parts import USER_PARTS
from fedasc.scenes import Scene


def distance(
    surroundings: Surroundings,
    shares: Sequence[float],
    known: Surroundings,
    library: Library,
    day: Excerpt = WHOLE,
) -> float:
    """How much of what a user hears the baseline set doesn't hold, from 0 to 1.

    The total variation between her noise types and the baseline's counts for the scenes noise and
    speech in noise, that between the genres for music; speech is everybody's.

    Args:
        surroundings: What the user hears.
        shares: (4,) probability of each scene.
        known: What the baseline classifier is trained on.
        day: Which of the recordings she hears by day.
    """

    def apart(label: str) -> float:
        hers = library.shares(USER_PARTS[0], label, surroundings, day)
        baseline = library.shares("train", label, known)
        kinds = sorted({*hers, *baseline})  # a sum depends on its order, a set on the process
        return sum(abs(hers.get(kind, 0.0) - baseline.get(kind, 0.0)) for kind in kinds) / 2

    noisy = shares[Scene.NOISE] + shares[Scene.SPEECH_IN_NOISE]
    return noisy * apart("noise") + shares[Scene.MUSIC] * apart("music")
