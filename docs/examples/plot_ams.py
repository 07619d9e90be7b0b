"""
What a hearing aid makes of sound
=================================

Amplitude modulation spectrograms: how strongly the level in a band of frequency goes up and down
at a rate. A device has three bands and three rates; here are more of both, to see it by eye.
"""

import matplotlib.pyplot as plt
import numpy as np

from fedasc.audio import FULL_SCALE
from fedasc.audio.ams import ams_vectors
from fedasc.audio.bank import FilterBank
from fedasc.audio.mixing import mix_at_snr
from fedasc.corpus.synthetic import SyntheticCorpus

corpus = SyntheticCorpus()


def first(label: str, kind: str) -> np.ndarray:
    """(160000,) int16: the first recording of a type."""
    index = next(n for n, r in enumerate(corpus.recordings) if (r.label, r.type) == (label, kind))
    return np.rint(corpus.read(index) * (FULL_SCALE - 1)).astype(np.int16)


speech, noise, music = first("speech", "read"), first("noise", "traffic"), first("music", "pop")
scenes = {
    "noise": noise / FULL_SCALE,
    "music": music / FULL_SCALE,
    "speech": speech / FULL_SCALE,
    "speech in noise": mix_at_snr(speech, noise, 0.0),
}

# %%
# A bank with 16 bands and 12 rates. What is shown is the mean over the five vectors of 2 s that
# make a window of 10 s.

bank = FilterBank(
    carrier_edges_hz=tuple(np.geomspace(75, 7000, 17).tolist()),
    modulation_edges_hz=tuple(np.geomspace(0.6, 60, 13).tolist()),
    reference="band",
)
z = ams_vectors(bank, np.stack([*scenes.values()]).astype(np.float32)).mean(axis=1)
pictures = z.reshape(-1, bank.n_carriers, bank.n_modulations)

figure, every = plt.subplots(1, 4, figsize=(10, 3.2), sharey=True, layout="constrained")
for axes, name, picture in zip(every, scenes, pictures, strict=True):
    image = axes.pcolormesh(
        bank.modulation_edges_hz, bank.carrier_edges_hz, picture, vmin=-35, vmax=-5, cmap="magma"
    )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(name)
    axes.set_xlabel("rate (Hz)")
every[0].set_ylabel("frequency (Hz)")
figure.colorbar(image, ax=every, label="modulation (dB)")
plt.show()
