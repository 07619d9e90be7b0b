"""Noises of a home: motors, water, and things that are handled."""

import numpy as np
from numpy.random import Generator

from fedasc.arithmetic.powers import tanh
from fedasc.corpus.synthetic.envelopes import (
    DURATION_S,
    N_SAMPLES,
    Model,
    Samples,
    bouts,
    cycle,
    drift,
    fluctuation,
    log_uniform,
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
    harmonic,
    partials,
)


def fan(device: Generator, take: Generator) -> Samples:
    """Air noise with the hum of its blades, swaying a little as it turns."""
    blades_hz = device.uniform(45, 160)
    air = coloured(take, slope_db=device.uniform(-6, -2), high_hz=device.uniform(1500, 5000))
    sway = 1 + device.uniform(0.0, 0.3) * cycle(take, device.uniform(0.1, 0.8))
    hum = harmonic(blades_hz * (1 + 0.004 * drift(take, 2.0)), partials(12, slope_db=-9))
    return blend((air * sway, 0.0), (hum, device.uniform(-22, 0)))


def refrigerator(device: Generator, take: Generator) -> Samples:
    """Mains hum of a compressor, beating softly, with a little rattle."""
    mains_hz = 50 * (1 + device.integers(2)) * device.uniform(0.96, 1.0)
    hum = harmonic(mains_hz, partials(20, slope_db=device.uniform(-12, -6)))
    beat = 1 + device.uniform(0.05, 0.5) * cycle(take, device.uniform(0.3, 3.0))
    rattle = coloured(take, low_hz=400, high_hz=3000) * cycle(take, mains_hz / 2, sharpness=3)
    air = coloured(take, slope_db=-5, high_hz=2500)
    return blend(
        (hum * beat, 0.0), (rattle, device.uniform(-30, -10)), (air, take.uniform(-20, -4))
    )


def vacuum_cleaner(device: Generator, take: Generator) -> Samples:
    """Whine of a fast motor and rushing air; strokes over the floor load the motor."""
    strokes = drift(take, device.uniform(0.3, 0.9))
    whine = harmonic(device.uniform(180, 420) * (1 + 0.02 * strokes), partials(20, slope_db=-5))
    peak = (device.uniform(600, 2500), 0.5, device.uniform(3, 10))
    air = coloured(take, slope_db=device.uniform(-3, 1), low_hz=150, peaks=[peak])
    air *= fluctuation(take, 1.0, device.uniform(0.5, 1.5))
    return blend((air, 0.0), (whine, device.uniform(-12, 3)))


def washing_machine(device: Generator, take: Generator) -> Samples:
    """A turning drum: motor hum, sloshing water and tumbling laundry."""
    turn_hz = log_uniform(device, 0.6, 8.0)
    motor = harmonic(device.uniform(60, 200), partials(10, slope_db=-6))
    slosh = coloured(take, slope_db=-4, low_hz=150, high_hz=2500)
    slosh *= 0.3 + cycle(take, turn_hz, sharpness=2, unevenness=0.05)
    thud = [burst(device, attack_s=0.01, decay_s=0.08, high_hz=300) for _ in range(3)]
    thuds = scatter(take, arrivals(take, turn_hz, regularity=30), thud, spread_db=3)
    return blend((motor, device.uniform(-8, 2)), (slosh, 0.0), (thuds, device.uniform(-12, 2)))


def dishes(device: Generator, take: Generator) -> Samples:
    """Plates, glasses and cutlery touching, over a quiet kitchen or running water."""
    things = [
        ring(device, low_hz=low, high_hz=7000, n_modes=8, decay_s=device.uniform(0.03, 0.15))
        for low in device.uniform(500, 2500, 6)
    ]
    clatter = scatter(take, arrivals(take, log_uniform(device, 6, 16)), things, spread_db=3)
    kitchen = coloured(take, slope_db=device.uniform(-4, 2), high_hz=5000)
    return blend((clatter, 0.0), (kitchen, take.uniform(-18, 0)))


def tap(device: Generator, take: Generator) -> Samples:
    """Water running into a basin, steady, with splashes."""
    basin = (device.uniform(300, 1500), 0.6, device.uniform(0, 8))
    jet = coloured(take, slope_db=device.uniform(-2, 4), low_hz=300, peaks=[basin])
    jet *= fluctuation(take, device.uniform(1, 8), device.uniform(0.3, 1.5))
    drops = [burst(device, attack_s=0.001, decay_s=0.01, low_hz=800) for _ in range(4)]
    splashes = scatter(take, arrivals(take, device.uniform(10, 60)), drops, spread_db=6)
    return blend((jet, 0.0), (splashes, device.uniform(-20, -3)))


def shower(device: Generator, take: Generator) -> Samples:
    """Dense spray with a body moving under it."""
    spray = coloured(take, slope_db=device.uniform(-1, 4), low_hz=500)
    rumble = coloured(take, slope_db=-6, high_hz=500)
    moves = fluctuation(take, device.uniform(0.3, 1.5), device.uniform(0.3, 1.5))
    return blend((spray * moves, 0.0), (rumble, device.uniform(-15, 2)))


def kettle(device: Generator, take: Generator) -> Samples:
    """Water that comes to the boil: hiss and rumble rise, bubbles grow louder."""
    rise = np.linspace(device.uniform(0.3, 1), 1, N_SAMPLES, dtype=np.float32)
    hiss = coloured(
        take, slope_db=device.uniform(-3, 3), low_hz=200, high_hz=device.uniform(2e3, 7e3)
    )
    bubble = [
        burst(device, attack_s=0.003, decay_s=0.02, low_hz=300, high_hz=1800) for _ in range(4)
    ]
    bubbles = scatter(take, arrivals(take, device.uniform(12, 40)), bubble, spread_db=4)
    return blend((hiss * rise, 0.0), (bubbles * rise, device.uniform(-22, -2)))


def hair_dryer(device: Generator, take: Generator) -> Samples:
    """Bright air and a motor tone, waved to and fro."""
    motor = harmonic(device.uniform(120, 320), partials(25, slope_db=-4))
    air = coloured(take, slope_db=device.uniform(0, 4), low_hz=400, peaks=[(1800, 0.7, 5)])
    waving = fluctuation(take, device.uniform(0.5, 2.0), device.uniform(0.3, 1.5))
    return blend((air * waving, 0.0), (motor, device.uniform(-18, -2)))


def clock(device: Generator, take: Generator) -> Samples:
    """Ticks of one or two clocks in a quiet room."""
    tick = [ring(device, low_hz=1500, high_hz=6500, n_modes=5, decay_s=0.012) for _ in range(2)]
    rate_hz = device.choice([2.0, 4.0, 5.0])
    beats = np.arange(take.random() / rate_hz, DURATION_S, 1 / rate_hz)
    ticks = scatter(take, beats, tick, spread_db=1)
    room = coloured(take, slope_db=device.uniform(-6, -2))
    return blend((ticks, 0.0), (room, device.uniform(-12, 4)))


def typing(device: Generator, take: Generator) -> Samples:
    """Keystrokes in runs, with the hum of a computer."""
    keys = [
        ring(device, low_hz=300, high_hz=5000, n_modes=6, decay_s=device.uniform(0.006, 0.02))
        for _ in range(5)
    ]
    times = arrivals(take, device.uniform(5, 11), regularity=device.uniform(1.5, 5))
    strokes = scatter(take, times, keys, spread_db=3)
    hum = coloured(take, slope_db=-5, high_hz=3000)
    return blend((strokes, 0.0), (hum, device.uniform(-15, 3)))


def microwave(device: Generator, take: Generator) -> Samples:
    """Mains hum of the transformer, a fan and a turntable that scrapes."""
    hum = harmonic(device.choice([100.0, 120.0]), partials(25, slope_db=device.uniform(-8, -3)))
    air = coloured(take, slope_db=-4, high_hz=device.uniform(1500, 5000))
    scrape = coloured(take, low_hz=500, high_hz=3000) * cycle(take, device.uniform(0.1, 0.6))
    return blend((hum, 0.0), (air, device.uniform(-8, 6)), (scrape, device.uniform(-25, -8)))


def frying(device: Generator, take: Generator) -> Samples:
    """Sizzle: a hiss of countless small pops, and some louder ones."""
    hiss = coloured(take, slope_db=device.uniform(0, 4), low_hz=1000)
    hiss *= fluctuation(take, 3.0, device.uniform(0.5, 2))
    pop = [burst(device, attack_s=0.0003, decay_s=0.003, low_hz=1000) for _ in range(5)]
    pops = scatter(take, arrivals(take, log_uniform(device, 15, 90)), pop, spread_db=5)
    return blend((hiss, 0.0), (pops, device.uniform(-10, 5)))


def drill(device: Generator, take: Generator) -> Samples:
    """A power drill: gear whine and grinding while it bites, the speed sagging under load."""
    load = 0.5 + 0.5 * tanh(drift(take, device.uniform(0.2, 0.5)) * 2)
    pitch_hz = device.uniform(120, 350) * (1 - 0.25 * load)
    whine = harmonic(pitch_hz, partials(40, slope_db=device.uniform(-3, 0)))
    grind = coloured(take, slope_db=2, low_hz=800) * cycle(
        take, device.uniform(20, 50), sharpness=2
    )
    wall = coloured(take, slope_db=-3) * fluctuation(take, 0.4, 1)
    whine *= bouts(take, on_s=device.uniform(2, 8), off_s=device.uniform(0.3, 1), rest_db=-30)
    return blend((whine, 0.0), (grind, device.uniform(-10, 3)), (wall, device.uniform(-15, 0)))


DOMESTIC: dict[str, Model] = {
    model.__name__: model
    for model in (
        clock,
        dishes,
        drill,
        fan,
        frying,
        hair_dryer,
        kettle,
        microwave,
        refrigerator,
        shower,
        tap,
        typing,
        vacuum_cleaner,
        washing_machine,
    )
}
