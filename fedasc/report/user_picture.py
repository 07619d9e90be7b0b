"""A picture of how users differ."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fedasc.corpus.library import Library
from fedasc.corpus.parts import USER_PARTS
from fedasc.population.users import User, hears
from fedasc.report.figures import plain, save
from fedasc.report.looks import GENRE_MAP, NOISE_MAP, SCENES, series
from fedasc.scenes import SCENE_NAMES
from fedasc.seeds import Streams

_MAPS = {"noise": ("noise types", NOISE_MAP), "music": ("genres", GENRE_MAP)}
"""By label: what its types are called, and in which colours they are."""
_ABOVE: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "frameon": False}
_MOST = 2000


def plot_users(users: Sequence[User], library: Library, streams: Streams, path: Path) -> None:
    """Save `users_figure`."""
    save(users_figure(users, library, streams), path, dpi=150)


def users_figure(users: Sequence[User], library: Library, streams: Streams) -> Figure:
    """What users hear, how often each scene, how far from the baseline, and with what microphone.

    Users lie side by side, by profile and distance from the baseline; of many just the first ones.

    Args:
        streams: Of the run, from which the recordings that she hears are drawn.
    """
    n_users, users = len(users), users[:_MOST]
    profiles = list(dict.fromkeys(user.profile for user in users))
    ordered = sorted(users, key=lambda user: (profiles.index(user.profile), user.distance))
    days = [hears([user], library=library, streams=streams).day for user in ordered]
    heard = {
        label: [
            library.shares(USER_PARTS[0], label, user.surroundings, day)
            for user, day in zip(ordered, days, strict=True)
        ]
        for label in _MAPS
    }
    domains = dict(zip(library.types, library.domains, strict=True))
    kinds = {
        label: sorted({kind for by_kind in shares for kind in by_kind}, key=_order(domains))
        for label, shares in heard.items()
    }
    lines_in = {label: 0.11 * len(some) + 0.35 for label, some in kinds.items()}
    figure = Figure(figsize=(8, 5.1 + sum(lines_in.values())), layout="constrained")
    *maps, middle, bottom = figure.subplots(
        len(_MAPS) + 2, 1, height_ratios=(*lines_in.values(), 1.6, 2.2)
    )
    few = f" (the first {len(users):,} of {n_users:,})" if len(users) < n_users else ""
    for axes, (label, (what, colours)) in zip(maps, _MAPS.items(), strict=True):
        _draw_types(axes, heard[label], kinds[label], colours)
        axes.set_title(f"{what} that each user hears{few}", fontsize=9)
        figure.colorbar(axes.images[0], ax=axes, label=f"% of her {label}", pad=0.01)

    # each user twice, at the edges of her place: a stack of steps
    edges = np.repeat(np.arange(len(ordered) + 1) - 0.5, 2)[1:-1]
    scenes = 100 * np.repeat([user.shares for user in ordered], 2, axis=0).T
    names = [name.replace("_", " ") for name in SCENE_NAMES]
    middle.stackplot(edges, scenes, labels=names, colors=[*SCENES.values()])
    middle.set_xlim(-0.5, len(ordered) - 0.5)
    middle.set_ylim(0, 100)
    middle.set_ylabel("% of her day", fontsize=8)
    starts = [next(i for i, u in enumerate(ordered) if u.profile == name) for name in profiles]
    for axes in maps:
        for start in starts[1:]:
            axes.axvline(start - 0.5, color="black", linewidth=0.4)
    middle.set_xticks(starts, profiles, ha="left", parse_math=False)
    middle.legend(fontsize=7, ncols=4, **_ABOVE)

    devices = sorted({_device(user) for user in users})
    devices = devices if any(devices) else []
    for name, look in series(profiles).items():
        members = [user for user in ordered if user.profile == name]
        bottom.scatter(
            [user.distance for user in members],
            [
                devices.index(_device(user)) if devices else user.microphone.gain_db
                for user in members
            ],
            s=min(16, 8_000 / len(users)),
            marker=look.marker,
            facecolor=look.face,
            edgecolor=look.colour,
            alpha=0.8,
            label=name,
        )
    bottom.set_xlim(-0.02, 1.02)
    bottom.set_xlabel("distance from the baseline")
    if devices:
        bottom.set_yticks(range(len(devices)), devices, fontsize=6, parse_math=False)
    bottom.set_ylabel("microphone" if devices else "microphone's gain (dB)", fontsize=8)
    plain(bottom.legend(fontsize=7, ncols=6, markerscale=1.4, **_ABOVE))
    return figure


def _draw_types(
    axes: Axes, shares: Sequence[Mapping[str, float]], kinds: Sequence[str], colours: str
) -> None:
    """A line for each type and a column for each user; white where she hears none of it."""
    heard = np.array([[100 * by_kind.get(kind, 0.0) for by_kind in shares] for kind in kinds])
    some = np.ma.masked_equal(heard, 0)
    axes.imshow(some, aspect="auto", cmap=colours, interpolation="nearest", vmin=0)
    axes.set_yticks(range(len(kinds)), kinds, fontsize=6, parse_math=False)
    axes.set_xticks([])


def _order(domains: Mapping[str, str]) -> Callable[[str], tuple[str, str]]:
    """Types by domain and name."""
    return lambda kind: (domains[kind], kind)


def _device(user: User) -> str:
    """The name of her microphone: the corpus' device, or that of the measured response."""
    response = user.microphone.response
    return user.surroundings.microphone or (response.name if response else "")
