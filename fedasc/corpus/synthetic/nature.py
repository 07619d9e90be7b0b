"""Noises of the open country: weather, water and animals."""

import numpy as np
from numpy.random import Generator

from fedasc.arithmetic.functions import exp
from fedasc.arithmetic.powers import power
from fedasc.corpus.synthetic.envelopes import (
    DURATION_S,
    N_SAMPLES,
    RATE_HZ,
    Model,
    Samples,
    amplitude,
    cycle,
    drift,
    fluctuation,
    log_uniform,
    saturated,
    sine,
    upsampled,
)
from fedasc.corpus.synthetic.events import (
    arch,
    arrivals,
    burst,
    grain_times_s,
    scatter,
)
from fedasc.corpus.synthetic.sources import (
    blend,
    coloured,
    harmonic,
    partials,
)


def wind(place: Generator, take: Generator) -> Samples:
    """Turbulence at the microphone, gusts, and a whistle that follows them."""
    gusts = drift(take, place.uniform(0.4, 1.5))
    rumble = coloured(take, slope_db=place.uniform(-8, -3), high_hz=log_uniform(place, 150, 900))
    rumble *= fluctuation(take, place.uniform(2, 7), place.uniform(1.5, 3))
    air = coloured(take, slope_db=place.uniform(-5, -1), low_hz=300)
    whistle = harmonic(place.uniform(350, 900) * power(2, 0.25 * gusts), partials(3, slope_db=-14))
    strength = upsampled(amplitude(place.uniform(1.5, 3.2) * saturated(gusts)))
    stronger = strength * np.sqrt(strength)
    return blend(
        (rumble * strength, 0.0),
        (air * stronger, place.uniform(-20, -6)),
        (whistle * stronger, place.uniform(-18, 0)),
    )


def rain(place: Generator, take: Generator) -> Samples:
    """Squalls of distant drops and single near ones, on leaves or on a roof."""
    hiss = coloured(take, slope_db=place.uniform(-3, 3), low_hz=300)
    hiss *= fluctuation(take, place.uniform(0.3, 2), place.uniform(1, 4))
    low_hz = log_uniform(place, 80, 1500)
    drop = [burst(place, attack_s=0.0005, decay_s=0.008, low_hz=low_hz) for _ in range(6)]
    drops = scatter(take, arrivals(take, log_uniform(place, 5, 60)), drop, spread_db=4)
    return blend((hiss, 0.0), (drops, place.uniform(-6, 6)))


def stream(place: Generator, take: Generator) -> Samples:
    """Running water: bubbles of many sizes, each a short rising tone, over a soft rush."""
    bubbles = []
    for hz in [log_uniform(place, 350, 2200) for _ in range(10)]:
        times = grain_times_s(0.08)
        wave = sine(2 * np.pi * hz * times * (1 + 3 * times)) * exp(-times * hz / 18)
        bubbles.append(wave.astype(np.float32))
    babble = scatter(take, arrivals(take, log_uniform(place, 15, 120)), bubbles, spread_db=4)
    babble *= fluctuation(take, 1.5, place.uniform(1, 3))
    rush = coloured(take, slope_db=place.uniform(-4, 1), low_hz=300, high_hz=5000)
    return blend((babble, 0.0), (rush, place.uniform(-12, 6)))


def sea_waves(place: Generator, take: Generator) -> Samples:
    """Waves that build up, break brightly and draw back, over a steady surf."""
    swell_hz = place.uniform(0.2, 0.45)
    breaking = cycle(take, swell_hz, sharpness=place.uniform(0.7, 2), unevenness=0.2)
    foam = coloured(take, slope_db=place.uniform(-2, 2), low_hz=400)
    foam *= power(0.1 + breaking, 1.2).astype(np.float32)
    foam *= fluctuation(take, place.uniform(0.8, 4), place.uniform(1.5, 3))
    body = coloured(take, slope_db=-6, high_hz=1500) * (0.15 + breaking)
    surf = coloured(take, slope_db=-3)
    return blend((foam, 0.0), (body, place.uniform(-6, 6)), (surf, place.uniform(-9, -3)))


def birds(place: Generator, take: Generator) -> Samples:
    """Several singers, each repeating its own phrase of swept notes, in light wind."""
    song = np.zeros(N_SAMPLES, np.float32)
    for _ in range(place.integers(2, 5)):
        note_hz, length_s = log_uniform(place, 600, 5000), place.uniform(0.04, 0.25)
        times = grain_times_s(length_s)
        sweep = place.uniform(-0.35, 0.35) * sine(np.pi * place.integers(1, 4) * times / length_s)
        note = sine(2 * np.pi * np.cumsum(note_hz * power(2, sweep)) / RATE_HZ)
        note *= power(arch(len(times)), 0.35)
        notes = np.arange(place.integers(2, 9)) * length_s * place.uniform(1.2, 3.5)
        starts = arrivals(take, place.uniform(0.45, 0.9), regularity=3)
        onsets = starts[:, None] + notes
        grain = note.astype(np.float32) * np.float32(place.uniform(0.3, 1.0))
        song += scatter(take, onsets[onsets < DURATION_S], [grain], spread_db=2)
    air = coloured(take, slope_db=place.uniform(-9, -3)) * fluctuation(take, 1.0, 2.5)
    return blend((song, 0.0), (air, place.uniform(-10, 8)))


def crickets(place: Generator, take: Generator) -> Samples:
    """Stridulation: a high tone in pulses, the pulses in chirps, on a warm night."""
    chorus = np.zeros(N_SAMPLES, np.float32)
    for _ in range(place.integers(1, 4)):
        tone = harmonic(
            log_uniform(place, 1700, 5000), partials(2, slope_db=-25), start=take.random()
        )
        pulses = cycle(take, place.uniform(18, 45), sharpness=1.5)
        chirps = cycle(take, place.uniform(0.8, 5), sharpness=place.uniform(0.5, 2), unevenness=0.1)
        chorus += place.uniform(0.3, 1) * tone * pulses * (place.uniform(0, 0.3) + chirps)
    night = coloured(take, slope_db=place.uniform(-9, -3)) * fluctuation(take, 1.0, 2.5)
    return blend((chorus, 0.0), (night, place.uniform(-12, 8)))


def thunder(place: Generator, take: Generator) -> Samples:
    """Rolling thunder: overlapping rumbles with cracks, in the rain."""
    roll = [
        burst(
            place, attack_s=0.15, decay_s=place.uniform(0.5, 1.2), high_hz=place.uniform(150, 700)
        )
        for _ in range(4)
    ]
    rolls = scatter(take, arrivals(take, place.uniform(1.5, 3.5)), roll, spread_db=2)
    rolls *= fluctuation(take, place.uniform(2, 6), place.uniform(1, 3))
    shower = coloured(take, slope_db=place.uniform(-3, 2), low_hz=300)
    return blend((rolls, 0.0), (shower, place.uniform(-16, -2)))


def leaves(place: Generator, take: Generator) -> Samples:
    """Leaves that rustle in gusts or under steps."""
    gusts = fluctuation(take, place.uniform(0.5, 2.5), place.uniform(1.5, 3.2))
    rustle = coloured(take, slope_db=place.uniform(0, 4), low_hz=1000) * gusts
    scrap = [burst(place, attack_s=0.003, decay_s=0.03, low_hz=1200) for _ in range(6)]
    times = arrivals(take, log_uniform(place, 6, 30))
    crackle = scatter(take, times, scrap, spread_db=3) * gusts
    air = coloured(take, slope_db=-5, high_hz=2000) * gusts
    return blend((rustle, 0.0), (crackle, place.uniform(-8, 4)), (air, place.uniform(-15, 0)))


def dogs(place: Generator, take: Generator) -> Samples:
    """Barks in series, one or two dogs, in a garden."""
    barking = np.zeros(N_SAMPLES, np.float32)
    for _ in range(place.integers(1, 3)):
        times = grain_times_s(place.uniform(0.12, 0.28))
        pitch_hz = log_uniform(place, 250, 900) * (1 - 0.8 * times)
        orders = np.arange(1, 9)[:, None]
        waves = sine(2 * np.pi * orders * np.cumsum(pitch_hz) / RATE_HZ)
        voice = (power(orders, -0.7) * waves).sum(axis=0)
        rough = 1 + 0.5 * take.standard_normal(len(times))
        bark = voice * rough * power(arch(len(times)), 0.3)
        series = arrivals(take, place.uniform(0.65, 0.95), regularity=8)
        onsets = series[:, None] + np.arange(place.integers(2, 5)) * place.uniform(0.25, 0.45)
        barking += scatter(
            take, onsets[onsets < DURATION_S], [bark.astype(np.float32)], spread_db=2
        )
    garden = coloured(take, slope_db=place.uniform(-6, -1)) * fluctuation(take, 0.5, 2)
    return blend((barking, 0.0), (garden, place.uniform(-16, 2)))


NATURE: dict[str, Model] = {
    model.__name__: model
    for model in (birds, crickets, dogs, leaves, rain, sea_waves, stream, thunder, wind)
}
