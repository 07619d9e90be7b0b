"""A picture of how users differ."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from fedasc.corpus.library import Library
from fedasc.corpus.parts import USER_PARTS
from fedasc.population.users import User, hears
from fedasc.report.figures import COLOURS, plain
from fedasc.scenes import SCENE_NAMES
from fedasc.seeds import Streams


def plot_users(users: Sequence[User], library: Library, streams: Streams, path: Path) -> None:
    """Save `users_figure`."""
    users_figure(users, library, streams).savefig(path, dpi=150)


def users_figure(users: Sequence[User], library: Library, streams: Streams) -> Figure:
    """What users hear, how often each scene, how far from the baseline, and with what microphone.

    Users lie side by side, by profile and distance from the baseline.

    Args:
        streams: Of the run, from which the recordings that she hears are drawn.
    """
    profiles = list(dict.fromkeys(user.profile for user in users))
    ordered = sorted(users, key=lambda user: (profiles.index(user.profile), user.distance))
    days = [hears([user], library=library, streams=streams).day for user in ordered]
    shares = [
        library.shares(USER_PARTS[0], "noise", user.surroundings, day)
        for user, day in zip(ordered, days, strict=True)
    ]
    domains = dict(zip(library.types, library.domains, strict=True))
    kinds = sorted({kind for by_kind in shares for kind in by_kind}, key=lambda k: (domains[k], k))
    heard = np.array([[100 * by_kind.get(kind, 0.0) for by_kind in shares] for kind in kinds])

    figure = Figure(figsize=(8, 5.5 + 0.11 * len(kinds)), layout="constrained")
    top, middle, bottom = figure.subplots(
        3, 1, height_ratios=(0.11 * len(kinds) + 0.5, 1.6, 2.2), squeeze=True
    )
    image = top.imshow(heard, aspect="auto", cmap="viridis", interpolation="nearest", vmin=0)
    top.set_yticks(range(len(kinds)), kinds, fontsize=6, parse_math=False)
    top.set_xticks([])
    top.set_title("noise types that each user hears", fontsize=9)
    figure.colorbar(image, ax=top, label="% of her noise", pad=0.01)

    # each user twice, at the edges of her place: a stack of steps
    edges = np.repeat(np.arange(len(ordered) + 1) - 0.5, 2)[1:-1]
    scenes = 100 * np.repeat([user.shares for user in ordered], 2, axis=0).T
    names = [name.replace("_", " ") for name in SCENE_NAMES]
    middle.stackplot(edges, scenes, labels=names, colors=COLOURS)
    middle.set_xlim(-0.5, len(ordered) - 0.5)
    middle.set_ylim(0, 100)
    middle.set_ylabel("% of her day", fontsize=8)
    starts = [next(i for i, u in enumerate(ordered) if u.profile == name) for name in profiles]
    middle.set_xticks(starts, profiles, ha="left", parse_math=False)
    middle.legend(fontsize=7, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)

    devices = sorted({_device(user) for user in users})
    devices = devices if any(devices) else []
    for number, name in enumerate(profiles):
        members = [user for user in ordered if user.profile == name]
        bottom.scatter(
            [user.distance for user in members],
            [
                devices.index(_device(user)) if devices else user.microphone.gain_db
                for user in members
            ],
            s=min(16, 8_000 / len(users)),
            color=COLOURS[number % len(COLOURS)],
            alpha=0.7,
            label=name,
        )
    bottom.set_xlim(-0.02, 1.02)
    bottom.set_xlabel("distance from the baseline")
    if devices:
        bottom.set_yticks(range(len(devices)), devices, fontsize=6, parse_math=False)
    bottom.set_ylabel("microphone" if devices else "microphone's gain (dB)", fontsize=8)
    plain(bottom.legend(title="profile", fontsize=7, title_fontsize=7))
    return figure


def _device(user: User) -> str:
    """The name of her microphone: the corpus' device, or that of the measured response."""
    response = user.microphone.response
    return user.surroundings.microphone or (response.name if response else "")
