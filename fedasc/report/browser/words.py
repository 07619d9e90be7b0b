"""What columns of records are called where people read them."""

from typing import Any

WORDS = {
    "gain_db": "microphone's gain (dB)",
    "tilt_db": "microphone's tilt (dB)",
    "microphone": "microphone",
    "response": "microphone's response",
    "self_noise_db_spl": "microphone's own noise (dB SPL)",
    "clipping_db_spl": "microphone clips at (dB SPL)",
    "familiarity": "share of the evaluation that is familiar",
    "n_noise_sources": "recordings of noise",
    "n_music_sources": "recordings of music",
    "n_speech_sources": "recordings of speech",
    "share_kept": "share of the samples drawn that was kept",
    "collapsed": "scenes that hardly occur among the samples",
    "label_shift": "shift of scenes, samples to what was heard (0 to 1)",
    "energy_distance": "energy distance, samples to what was heard",
    "energy_halves": "energy distance, between halves of what was heard",
    "energy_evaluation": "energy distance, what was heard to the evaluation",
    "certain_share": "share of what was heard that the teacher is certain of",
    "certain_error": "share of that which it gets wrong",
    "n_sent": "components sent",
    "two_sample_accuracy": "accuracy of trees that tell samples from what was heard",
    "two_sample_auc": "AUC of trees that tell samples from what was heard",
}
"""By column of devices.csv; others go by their names."""


def fact_axis(name: str, words: Any = None) -> str:
    """A probe's column as an axis."""
    return str(words or WORDS.get(name, name))
