"""What a day's content must pass before it leaves the device, whatever made it."""

from dataclasses import dataclass, replace
from math import inf

from fedasc.aggregators.aggregator import Aggregator, Budget
from fedasc.aggregators.content import Components, Content
from fedasc.aggregators.draft import ALMOST, Draft
from fedasc.aggregators.encoding import PLAIN, Encoding
from fedasc.aggregators.summary import Summary
from fedasc.config import check_finite
from fedasc.errors import SettingsError
from fedasc.release.mixtures import with_noise, with_variances_only
from fedasc.release.quantisation import EightBits, HalfPrecision
from fedasc.release.withholding import leaving
from fedasc.seeds import Purpose, Streams

_ENCODINGS: dict[int, Encoding] = {32: PLAIN, 16: HalfPrecision(), 8: EightBits()}
_RANGE_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class Release:
    """The last stage on the device, after the aggregator and before the wire.

    Args:
        min_windows: Components that stand for fewer windows stay on the device, since the mean of
            a component with a single window is that window; of a day with fewer windows than that,
            only what stands for all of them leaves. How many stand for a component,
            `fedasc.aggregators.draft` tells.
        min_weight: Components of less of the weight stay on the device; 0 for none. Where all are
            that light, the heaviest leaves.
        min_stretches: Components stay whose windows are from fewer separate stretches of the day,
            for example from a single place, unless they stand for the whole day; 1 for none. See
            `fedasc.aggregators.stretches`. A simulated day has its windows in random order, so few
            components there are of few stretches.
        min_windows_per_number: Full covariances leave as variances if they are made of fewer
            windows for each of a matrix's numbers. Of 45 features it has 1,035, for which the
            default wants 46 windows: the span of fewer is that of these windows' differences.
        noise: Standard deviation of what is added to means, in standard deviations of their
            component; what has no components leaves as it is. A heuristic: it hides little and
            guarantees nothing; aggregators with a guarantee have noise of their own.
        bits: Of each number that is sent: 32, 16, as a float16, or 8, as a level between the ends
            of its array. Whole numbers are never rounded.
    """

    min_windows: int = 5
    min_weight: float = 0.0
    min_stretches: int = 1
    min_windows_per_number: float = 0.044
    noise: float = 0.0
    bits: int = 32

    def __post_init__(self) -> None:
        check_finite(self, section="release")
        if self.min_windows < 1:
            raise SettingsError(f"release: min_windows must be at least 1, got {self.min_windows}")
        if not 0 <= self.min_weight <= 1:
            raise SettingsError(f"release: min_weight must be in [0, 1], got {self.min_weight}")
        if self.min_stretches < 1:
            raise SettingsError(
                f"release: min_stretches must be at least 1, got {self.min_stretches}"
            )
        if min(self.min_windows_per_number, self.noise) < 0:
            raise SettingsError("release: min_windows_per_number and noise must not be negative")
        if self.bits not in _ENCODINGS:
            raise SettingsError(f"release: bits must be 32, 16 or 8, got {self.bits}")

    @property
    def encoding(self) -> Encoding:
        """How content goes over the wire."""
        return _ENCODINGS[self.bits]

    def check(self, aggregator: Aggregator) -> None:
        """Refuse what doesn't go with an aggregator.

        Raises:
            SettingsError: If noise would be added to what has noise.
        """
        if self.noise and aggregator.epsilon is not None and aggregator.epsilon < inf:
            raise SettingsError(
                f"aggregator {aggregator.name!r} has the noise that its guarantee rests on; more "
                "of it guarantees nothing, so noise in [release] must be 0"
            )

    def summary(
        self,
        made: Content | Draft[Components],
        n_windows: int,
        *,
        aggregator: Aggregator,
        seed: int | None = None,
    ) -> Summary:
        """What leaves the device of that which an aggregator made.

        Args:
            made: What it returned.
            n_windows: How many windows were heard.
            aggregator: Whose it is.
            seed: Of the day's draws; without noise there are none.

        Raises:
            SettingsError: If nothing of it may leave, or it doesn't say what stands behind its
                components, or noise would be added to what has noise.
        """
        content = self._content(made, n_windows, aggregator=aggregator, seed=seed)
        return Summary.of(content, n_windows, encoding=self.encoding)

    def budget(self, made: Budget) -> Budget:
        """What a day costs with this stage: as made, but for the bytes that are sent.

        Args:
            made: What the aggregator declares.
        """
        if self.bits == 32:
            return made
        n_numbers = (made.n_bytes - made.n_exact_bytes) // 4
        n_ranges = made.n_rounded if self.bits == 8 else 0
        n_bytes = n_numbers * self.bits // 8 + n_ranges * _RANGE_BYTES + made.n_exact_bytes
        return replace(made, n_bytes=n_bytes)

    def most_components(self, n_windows: int) -> int:
        """How many components leave at most of so many windows, if each stands for enough."""
        least = max(min(self.min_windows, n_windows), self.min_weight * n_windows)
        return int(n_windows / (least * ALMOST**2))

    def _content(
        self,
        made: Content | Draft[Components],
        n_windows: int,
        *,
        aggregator: Aggregator,
        seed: int | None,
    ) -> Content:
        """What is sent, in full precision; to the last bit as made if nothing is asked of it."""
        if not isinstance(made, Draft):
            if isinstance(made, Components):
                raise SettingsError(
                    f"aggregator {aggregator.name!r}: of {made.kind} only components leave that "
                    "stand for enough windows, so its summarise must return "
                    "fedasc.aggregators.draft:Draft(content, n_effective), with the number of "
                    "windows behind each component"
                )
            if not isinstance(made, Content):
                raise SettingsError(
                    f"aggregator {aggregator.name!r}: its summarise must return "
                    f"{aggregator.kind.__name__}, or a Draft of it, got {type(made).__name__}"
                )
            return made
        leaves = leaving(
            made,
            n_windows,
            min_windows=self.min_windows,
            min_weight=self.min_weight,
            min_stretches=self.min_stretches,
            name=aggregator.name,
        )
        content = made.content if leaves.all() else made.content.of_components(leaves)
        content = with_variances_only(
            content, made.n_effective[leaves], min_windows_per_number=self.min_windows_per_number
        )
        return self._noisy(content, aggregator=aggregator, seed=seed) if self.noise else content

    def _noisy(
        self, content: Components, *, aggregator: Aggregator, seed: int | None
    ) -> Components:
        self.check(aggregator)
        if seed is None:
            raise SettingsError("release: noise must be drawn anew each day, so it needs a seed")
        return with_noise(content, self.noise, rng=Streams(seed).generator(Purpose.RELEASE))
