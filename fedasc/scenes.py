"""The four acoustic scenes that a hearing aid tells apart (paper section 4.1)."""

from enum import IntEnum


class Scene(IntEnum):
    """Target classes; the numbers are the outputs of every classifier."""

    NOISE = 0
    MUSIC = 1
    SPEECH = 2
    SPEECH_IN_NOISE = 3


N_SCENES = len(Scene)
SCENE_NAMES = tuple(scene.name.lower() for scene in Scene)
