"""A design: variants of settings, each tried in several repetitions, and the loop that does it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fedasc.corpus.recordings import Corpus
from fedasc.dry_pass import dry_passes
from fedasc.experiments.cell import Cell, Variant
from fedasc.experiments.kept_world import KeptWorld, Only, world_inputs
from fedasc.experiments.record import DeviceRecord
from fedasc.population.profile import Profiles
from fedasc.processes import side_by_side
from fedasc.progress import Progress, quiet


@dataclass(frozen=True)
class Design:
    """What is to be found out.

    Args:
        variants: In the order in which results are told.
        n_repetitions: Each splits the corpus anew by group.
        profiles: Who the users are.
        corpora: Where recordings come from.
    """

    variants: tuple[Variant, ...]
    n_repetitions: int
    profiles: Profiles
    corpora: Sequence[Corpus]

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """What is to be made, repetition by repetition."""
        inputs = world_inputs(self.corpora, self.profiles)
        return tuple(
            Cell(number, variant, KeptWorld.of(variant.seeded(number), inputs))
            for number in range(self.n_repetitions)
            for variant in self.variants
        )

    @property
    def missing(self) -> tuple[Cell, ...]:
        """The cells that aren't kept yet, world by world; of those alike but in labels, one."""
        by_key = {cell.cached.key: cell for cell in self.cells if not cell.cached.is_made}
        order = list(dict.fromkeys(cell.world.cached.key for cell in by_key.values()))
        return tuple(sorted(by_key.values(), key=lambda cell: order.index(cell.world.cached.key)))

    @property
    def unprepared(self) -> tuple[KeptWorld, ...]:
        """The worlds of missing cells that aren't kept yet, one of each repetition first.

        Those of a repetition mostly have a teacher in common, and processes that need the same
        would wait for the one that trains it.
        """
        by_key = {cell.world.cached.key: cell.world for cell in self.missing}
        worlds = [world for world in by_key.values() if not world.is_made]
        n_before: Counter[int] = Counter()
        places = []
        for world in worlds:
            places.append(n_before[world.settings.seed])
            n_before[world.settings.seed] += 1
        order = sorted(range(len(worlds)), key=places.__getitem__)
        return tuple(worlds[number] for number in order)

    @property
    def sharing(self) -> tuple[Cell, ...]:
        """Of missing cells that begin with the same summaries, one."""
        counts = Counter(cell.day for cell in self.missing)
        by_day = {cell.day: cell for cell in self.missing}
        return tuple(cell for day, cell in by_day.items() if counts[day] > 1)

    @property
    def only(self) -> set[Only]:
        """Who takes part in one variant or another."""
        return {variant.profiles for variant in self.variants}

    def rehearse(self) -> None:
        """Try plug-ins that aren't fedasc's before anything is decoded; see `dry_pass`.

        Raises:
            FedascError: If one fails, or what it makes is refused.
        """
        dry_passes(variant.settings for variant in self.variants)

    def prepare(self, world: KeptWorld, progress: Progress = quiet) -> None:
        """Make and keep what cells of a world share, unless it is there."""
        world.make(self.corpora, self.profiles, only=self.only, progress=progress)

    def in_words(self) -> str:
        """What to tell before the start."""
        n_cells, n_missing, settings = len(self.cells), len(self.missing), self.variants[0].settings
        return (
            f"{n_cells} cells: {self.n_repetitions} repetition(s) of {len(self.variants)} entries "
            f"with {settings.n_clients} users and {settings.nights.n_nights} night(s) each; "
            f"{n_cells - n_missing} are cached, {n_missing} to make after "
            f"{len(self.unprepared)} repetition(s) to prepare"
        )


@dataclass(frozen=True, eq=False)
class Result:
    """A cell and what came out.

    Args:
        repetition: Its number.
        seed: Its root of all streams.
        variant: How nights went.
        records: Night by night and device by device.
    """

    repetition: int
    seed: int
    variant: Variant
    records: Sequence[DeviceRecord]


def run_design(design: Design, *, n_workers: int = 1, progress: Progress = quiet) -> list[Result]:
    """All cells, repetition by repetition; what was made before comes from the cache.

    Args:
        n_workers: Processes; changes no result.

    Raises:
        FedascError: If settings, corpus and profiles don't go together.
    """
    side_by_side(
        design.prepare,
        design.unprepared,
        n_workers=n_workers,
        phase="preparing repetitions",
        progress=progress,
    )
    for phase, work, cells in (
        ("summarising for several strategies", _summarise, design.sharing),
        ("making cells", _make, design.missing),
    ):
        side_by_side(work, cells, n_workers=n_workers, phase=phase, progress=progress)
    return [
        Result(cell.repetition, cell.world.settings.seed, cell.variant, cell.make())
        for cell in design.cells
    ]


def _summarise(cell: Cell, progress: Progress) -> None:
    cell.summarise()


def _make(cell: Cell, progress: Progress) -> None:
    cell.make()
