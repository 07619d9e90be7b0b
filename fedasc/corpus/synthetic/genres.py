"""How the synthetic music of each genre is played."""

from dataclasses import dataclass

Bounds = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Genre:
    """How a genre is played; bounds are drawn from once per track.

    Args:
        tempo_bpm: Beats a minute.
        drums_db: Level of the drums beside the rest.
        kit: Chances of kick, snare and hi-hat on each quarter of a beat, over two beats, as marks.
        swing: Share of half a beat by which off-beats come late.
        chords_db: Level of the chords.
        strum: Chance that a chord is struck again on an eighth.
        melody_db: Level of the melody.
        bass_db: Level of the bass.
        density: Chance that the melody plays on a quarter of a beat.
        sung: Chance that a track's melody is sung.
        playing: Chance that an instrument plays in a section of four beats.
        sustain_s: Decay of the notes.
        attack_s: Attack of the notes.
        slope_db: Spectral slope of the instruments per octave.
        drive: Saturation of the mix; 0 is clean.
        beats_per_chord: How long a chord stays.
        swell_db: Slow dynamics (one standard deviation).
        wet: Reverberant share of the energy.
    """

    tempo_bpm: Bounds
    drums_db: Bounds
    kit: tuple[str, str, str] = ("X...x...", "....X...", "x.x.x.x.")
    swing: float = 0.0
    chords_db: Bounds = (-10, 2)
    strum: Bounds = (0.0, 0.5)
    melody_db: Bounds = (-10, 2)
    bass_db: Bounds = (-10, 2)
    density: Bounds = (0.15, 0.5)
    sung: float = 0.0
    playing: float = 0.8
    sustain_s: Bounds = (0.2, 1.2)
    attack_s: Bounds = (0.004, 0.03)
    slope_db: Bounds = (-10, -4)
    drive: Bounds = (0, 0)
    beats_per_chord: int = 4
    swell_db: Bounds = (0, 1.5)
    wet: Bounds = (0.02, 0.35)


GENRES = {
    "ambient": Genre(
        tempo_bpm=(40, 80),
        drums_db=(-60, -20),
        chords_db=(0, 3),
        strum=(0, 0.1),
        melody_db=(-14, -2),
        density=(0.03, 0.15),
        sustain_s=(1, 5),
        attack_s=(0.1, 1.2),
        slope_db=(-12, -4),
        beats_per_chord=8,
        swell_db=(1, 3),
        wet=(0.3, 0.8),
    ),
    "classical": Genre(
        tempo_bpm=(55, 140),
        drums_db=(-70, -60),
        melody_db=(-4, 4),
        density=(0.15, 0.8),
        sung=0.15,
        sustain_s=(0.3, 2.5),
        attack_s=(0.005, 0.15),
        slope_db=(-11, -5),
        beats_per_chord=2,
        swell_db=(1, 4),
        wet=(0.15, 0.6),
    ),
    "electronic": Genre(
        tempo_bpm=(90, 150),
        drums_db=(-9, 6),
        kit=("X...X...", "....x...", "..X.o.X."),
        density=(0.2, 0.9),
        playing=0.7,
        sustain_s=(0.06, 0.6),
        slope_db=(-7, -2),
        drive=(0, 1.2),
        beats_per_chord=8,
    ),
    "jazz": Genre(
        tempo_bpm=(80, 210),
        drums_db=(-14, 1),
        kit=("x.......", "....o...", "X...X.x."),
        swing=0.33,
        chords_db=(-12, 0),
        melody_db=(-4, 4),
        density=(0.2, 0.7),
        sung=0.2,
        sustain_s=(0.12, 0.8),
        slope_db=(-11, -5),
    ),
    "pop": Genre(
        tempo_bpm=(75, 130),
        drums_db=(-10, 4),
        kit=("X..o..x.", "....X...", "x.x.x.x."),
        melody_db=(-4, 5),
        sung=0.6,
        drive=(0, 1),
    ),
    "rock": Genre(
        tempo_bpm=(85, 170),
        drums_db=(-9, 4),
        kit=("X.o.x.o.", "....X..o", "X.X.X.X."),
        chords_db=(-4, 3),
        strum=(0.1, 0.9),
        sung=0.3,
        sustain_s=(0.15, 1.5),
        slope_db=(-6, -2),
        drive=(0.5, 3.0),
    ),
}
