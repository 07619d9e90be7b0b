"""What a day's content must pass before it leaves the device, whatever made it."""

from dataclasses import dataclass, replace

from fedasc.aggregators.aggregator import Aggregator, Budget
from fedasc.aggregators.content import Components, Content
from fedasc.aggregators.draft import ALMOST, Draft
from fedasc.aggregators.encoding import PLAIN, Encoding
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.release.quantisation import EightBits, HalfPrecision

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
        bits: Of each number that is sent: 32, 16, as a float16, or 8, as a level between the ends
            of its array. Whole numbers are never rounded.
    """

    min_windows: int = 5
    bits: int = 32

    def __post_init__(self) -> None:
        if self.min_windows < 1:
            raise SettingsError(f"release: min_windows must be at least 1, got {self.min_windows}")
        if self.bits not in _ENCODINGS:
            raise SettingsError(f"release: bits must be 32, 16 or 8, got {self.bits}")

    @property
    def encoding(self) -> Encoding:
        """How content goes over the wire."""
        return _ENCODINGS[self.bits]

    def summary(
        self, made: Content | Draft[Components], n_windows: int, *, aggregator: Aggregator
    ) -> Summary:
        """What leaves the device of that which an aggregator made.

        Args:
            made: What it returned.
            n_windows: How many windows were heard.
            aggregator: Whose it is, for messages.

        Raises:
            SettingsError: If nothing of it may leave, or it doesn't say how many windows its
                components stand for.
        """
        content = self._content(made, n_windows, name=aggregator.name)
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
        least = min(self.min_windows, n_windows)
        return int(n_windows / (least * ALMOST**2))

    def _content(self, made: Content | Draft[Components], n_windows: int, *, name: str) -> Content:
        """What is sent, in full precision."""
        if isinstance(made, Draft):
            return self._of_enough(made, n_windows, name=name)
        if isinstance(made, Components):
            raise SettingsError(
                f"aggregator {name!r}: of {made.kind} only components leave that stand for enough "
                f"windows, so its summarise must return fedasc.aggregators.draft:Draft(content, "
                f"n_effective), with the number of windows behind each component"
            )
        return made

    def _of_enough(self, draft: Draft[Components], n_windows: int, *, name: str) -> Components:
        """The components with enough windows behind them; to the last bit as made if all have."""
        n_behind = draft.n_effective
        if n_behind.sum() * ALMOST > n_windows:
            raise SettingsError(
                f"aggregator {name!r}: its components can't stand for {n_behind.sum():.6g} windows "
                f"together where {n_windows} were heard; n_effective of a draft is each one's "
                "weight divided by that of the heaviest window"
            )
        least = min(self.min_windows, n_windows)
        leaves = n_behind >= least * ALMOST
        if not leaves.any():
            raise SettingsError(
                f"aggregator {name!r}: none of {len(n_behind)} component(s) stands for {least} "
                f"windows (the most is {n_behind.max():.3g}), so nothing may leave the device; let "
                "it make fewer components or weigh windows more evenly, have users hear more "
                "(n_heard in [listening]), or lower min_windows in [release]"
            )
        return draft.content if leaves.all() else draft.content.of_components(leaves)
