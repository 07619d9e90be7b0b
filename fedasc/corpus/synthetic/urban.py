"""Noises of the street: vehicles, machines, signals and people."""

import numpy as np
from numpy.random import Generator

from fedasc.arithmetic.powers import power, tanh
from fedasc.corpus.synthetic.envelopes import (
    CONTROL_TIMES_S,
    DURATION_S,
    N_SAMPLES,
    Model,
    Samples,
    bouts,
    cycle,
    drift,
    fluctuation,
    log_uniform,
    saturated,
    sine,
    upsampled,
)
from fedasc.corpus.synthetic.events import (
    arrivals,
    burst,
    ring,
    scatter,
)
from fedasc.corpus.synthetic.sources import (
    blend,
    coloured,
    filtered,
    harmonic,
    partials,
)


def traffic(place: Generator, take: Generator) -> Samples:
    """Cars passing: each swells with its distance, tyres bright when near, engine below."""
    distance_s = place.uniform(0.3, 1.0)
    street = coloured(take, slope_db=place.uniform(-9, -4))
    tyres = coloured(take, slope_db=place.uniform(-8, -3), high_hz=log_uniform(place, 300, 4000))
    tyres *= fluctuation(take, place.uniform(2, 6), place.uniform(0.5, 3))
    horn = harmonic(log_uniform(place, 280, 600), partials(12, slope_db=-4))
    horn *= bouts(take, on_s=0.5, off_s=place.uniform(0.5, 3), rest_db=-60, edge_s=0.02)
    near = np.zeros_like(CONTROL_TIMES_S)
    engines = np.zeros(N_SAMPLES, np.float32)
    for time_s in arrivals(take, place.uniform(0.45, 0.9), regularity=4):
        passing = 1 / (1 + ((CONTROL_TIMES_S - time_s) / distance_s) ** 2)
        near += passing * take.uniform(0.5, 1)
        doppler = 1 - 0.06 * tanh((CONTROL_TIMES_S - time_s) / distance_s)
        engines += harmonic(take.uniform(50, 130) * doppler, partials(20)) * upsampled(passing)
    return blend(
        (tyres * upsampled(near), 0.0),
        (engines, place.uniform(-8, 3)),
        (horn, place.uniform(-25, -2)),
        (street * fluctuation(take, 1.0, 2), place.uniform(-9, 0)),
    )


def train(place: Generator, take: Generator) -> Samples:
    """Wheels over rail joints, in pairs, over the rumble of the carriage."""
    joints_hz = place.uniform(0.8, 2.5)
    joints = np.arange(take.random() / joints_hz, DURATION_S, 1 / joints_hz)
    clack = [ring(place, low_hz=150, high_hz=2500, n_modes=12, decay_s=0.06) for _ in range(3)]
    pairs = np.sort(np.concatenate([joints, joints + place.uniform(0.1, 0.2)]))
    clacks = scatter(take, pairs[pairs < DURATION_S], clack, spread_db=1.5)
    rumble = coloured(take, slope_db=place.uniform(-8, -4), high_hz=3000)
    rumble *= fluctuation(take, 1.0, place.uniform(1, 3))
    squeal = harmonic(place.uniform(1200, 3000) * (1 + 0.01 * drift(take, 2)), partials(3))
    squeal *= fluctuation(take, 0.5, 7)
    return blend((rumble, 0.0), (clacks, place.uniform(-6, 3)), (squeal, place.uniform(-35, -10)))


def helicopter(place: Generator, take: Generator) -> Samples:
    """Slap of the main rotor, turbine whine, and a slow swell with the distance."""
    slap = cycle(take, place.uniform(9, 22), sharpness=log_uniform(place, 0.5, 4), unevenness=0.01)
    blades = (
        coloured(take, slope_db=place.uniform(-8, -3), high_hz=log_uniform(place, 250, 2000)) * slap
    )
    turbine = harmonic(place.uniform(600, 2200) * (1 + 0.005 * drift(take, 1)), partials(4))
    wash = coloured(take, slope_db=-4)
    swell = fluctuation(take, place.uniform(0.3, 1.2), place.uniform(1, 4))
    return swell * blend(
        (blades, 0.0), (turbine, place.uniform(-28, -6)), (wash, place.uniform(-14, 4))
    )


def idling_engine(place: Generator, take: Generator) -> Samples:
    """Combustion pulses of an uneven idle, rattle, and a tap of the throttle now and then."""
    throttle = np.maximum(drift(take, place.uniform(0.4, 1.2)) - place.uniform(-0.5, 1.2), 0.0)
    throttle = saturated(throttle)
    firing_hz = log_uniform(place, 15, 90) * (1 + 0.03 * drift(take, 3.0) + 0.5 * throttle)
    pulses = harmonic(firing_hz, partials(60, slope_db=place.uniform(-8, -3)))
    pulses *= upsampled(1 + throttle)
    combustion = coloured(take, slope_db=-6, high_hz=log_uniform(place, 300, 3000))
    combustion *= cycle(take, firing_hz, sharpness=place.uniform(1, 5))
    street = coloured(take, slope_db=-4) * fluctuation(take, 0.4, 2)
    return blend(
        (pulses, 0.0), (combustion, place.uniform(-14, 2)), (street, place.uniform(-20, -6))
    )


def jackhammer(place: Generator, take: Generator) -> Samples:
    """A pneumatic hammer that works in bouts, with its compressor."""
    blow = [ring(place, low_hz=300, high_hz=6000, n_modes=14, decay_s=0.012) for _ in range(3)]
    blow += [burst(place, attack_s=0.001, decay_s=0.015, low_hz=100)]
    times = arrivals(take, place.uniform(12, 28), regularity=300)
    hammer = scatter(take, times, blow, spread_db=1.5)
    hammer *= bouts(take, on_s=place.uniform(0.8, 4), off_s=place.uniform(0.3, 1.5), rest_db=-40)
    compressor = coloured(take, slope_db=-5) * cycle(take, place.uniform(8, 20))
    street = coloured(take, slope_db=-4) * fluctuation(take, 0.5, 2)
    return blend(
        (hammer, 0.0), (compressor, place.uniform(-18, -2)), (street, place.uniform(-16, 0))
    )


def siren(place: Generator, take: Generator) -> Samples:
    """Wail, yelp or two tones of an emergency vehicle that comes and goes in traffic."""
    phase = take.random() + log_uniform(place, 0.2, 4.0) * CONTROL_TIMES_S
    swing = [sine(2 * np.pi * phase), np.sign(sine(2 * np.pi * phase)), 2 * (phase % 1) - 1]
    contour = swing[place.integers(3)] * place.uniform(0.15, 0.6)
    horn = harmonic(place.uniform(500, 1100) * power(2, contour), partials(12, slope_db=-8))
    horn *= fluctuation(take, 0.3, place.uniform(1, 4)) * fluctuation(
        take, 5, place.uniform(0.3, 2)
    )
    street = coloured(take, slope_db=place.uniform(-6, -2)) * fluctuation(take, 0.4, 2.5)
    return blend((horn, 0.0), (street, place.uniform(-12, 6)))


def _talker(place: Generator, take: Generator, pitch_hz: float, liveliness: float) -> Samples:
    """One voice of many: its pitch, a vowel's formants, and syllables."""
    contour = pitch_hz * power(2, liveliness * drift(take, 1.5))
    syllables = fluctuation(take, take.uniform(3, 6), 6)
    voice = harmonic(contour, partials(25, slope_db=place.uniform(-9, -4)), start=take.random())
    return voice * syllables


def crowd(place: Generator, take: Generator) -> Samples:
    """Voices that nobody can follow, each with its pitch and rhythm, in a hall or a square."""
    voices = np.zeros(N_SAMPLES, np.float32)
    for _ in range(place.integers(3, 8)):
        voices += _talker(place, take, take.uniform(95, 240), 0.15) * take.uniform(0.3, 1)
    vowels = [(take.uniform(400, 2600), 0.4, 12.0) for _ in range(4)]
    talk = coloured(take, slope_db=-6, low_hz=250, high_hz=4500, peaks=vowels)
    talk *= fluctuation(take, 4.0, place.uniform(2, 5))
    hall = coloured(take, slope_db=-5, low_hz=150)
    return blend(
        (filtered(voices, peaks=vowels), 0.0),
        (talk, place.uniform(-6, 4)),
        (hall, place.uniform(-12, 0)),
    )


def playground(place: Generator, take: Generator) -> Samples:
    """Children: high voices that shout in turn, over a lively square."""
    shouts = np.zeros(N_SAMPLES, np.float32)
    for _ in range(place.integers(4, 7)):
        turns = bouts(
            take, on_s=place.uniform(0.3, 0.9), off_s=place.uniform(0.4, 1.0), rest_db=-40
        )
        shouts += _talker(place, take, take.uniform(280, 650), 0.3) * turns
    throats = [(take.uniform(900, 1500), 0.4, 10.0), (take.uniform(2200, 3500), 0.3, 8.0)]
    square = coloured(take, slope_db=place.uniform(-6, -2)) * fluctuation(take, 1.0, 2)
    return blend((filtered(shouts, peaks=throats), 0.0), (square, place.uniform(-14, 0)))


def construction(place: Generator, take: Generator) -> Samples:
    """A building site: hammering, a circular saw in the distance, an engine."""
    nail = [ring(place, low_hz=400, high_hz=6000, n_modes=10, decay_s=0.05) for _ in range(4)]
    blows = scatter(take, arrivals(take, place.uniform(1.5, 4), regularity=12), nail, spread_db=2)
    sawing = upsampled(np.clip(drift(take, 0.4) + 0.3, 0, 1))
    saw = harmonic(place.uniform(300, 900), partials(12, slope_db=-2)) * sawing
    engine = harmonic(
        place.uniform(25, 60) * (1 + 0.02 * drift(take, 2)), partials(40, slope_db=-4)
    )
    site = coloured(take, slope_db=-4) * fluctuation(take, 0.6, 2.5)
    return blend(
        (blows, 0.0),
        (saw, place.uniform(-18, 0)),
        (engine, place.uniform(-14, 0)),
        (site, place.uniform(-10, 0)),
    )


def church_bells(place: Generator, take: Generator) -> Samples:
    """Two or three bells swinging out of step, long partials over the square."""
    strokes = np.zeros(N_SAMPLES, np.float32)
    for _ in range(place.integers(2, 4)):
        bell = ring(place, low_hz=place.uniform(180, 600), high_hz=3500, n_modes=7, decay_s=1.0)
        times = arrivals(take, place.uniform(0.6, 1.3), regularity=100)
        strokes += scatter(take, times, [bell], spread_db=1)
    square = coloured(take, slope_db=place.uniform(-6, -2)) * fluctuation(take, 0.5, 2)
    return blend((strokes, 0.0), (square, place.uniform(-16, 2)))


URBAN: dict[str, Model] = {
    model.__name__: model
    for model in (
        church_bells,
        construction,
        crowd,
        helicopter,
        idling_engine,
        jackhammer,
        playground,
        siren,
        traffic,
        train,
    )
}
