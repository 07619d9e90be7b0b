import pytest

from fedasc.corpus.builders.words import label_in


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("noise", "noise"),
        ("Noises", "noise"),
        ("02_NOISE (field)", "noise"),
        ("noise_fullband", "noise"),
        ("background", "noise"),
        ("Background noise", "noise"),
        ("ambience", "noise"),
        ("Lärm", "noise"),
        ("LA\u0308RM", "noise"),  # the two marks that some file systems make of one letter
        ("Geräusche", "noise"),
        ("stoergeraeusche", "noise"),
        ("bruit", "noise"),
        ("ruído", "noise"),
        ("rumore", "noise"),
        ("ノイズ", "noise"),
        ("환경 소음", "noise"),
        ("Musik", "music"),
        ("música", "music"),
        ("musique-1", "music"),
        ("background_music", "music"),
        ("音楽", "music"),
        ("speech", "speech"),
        ("clean", "speech"),
        ("clean speech", "speech"),
        ("Voices", "speech"),
        ("Sprache", "speech"),
        ("parole", "speech"),
        ("habla", "speech"),
        ("Речь", "speech"),
        ("speech_in_noise", ""),
        ("noisy speech", ""),
        ("speech+music", ""),
        ("ambient", ""),  # a genre, too
        ("ambient kitchen", ""),
        ("noiseless", ""),
        ("traffic", ""),
        ("2024", ""),
        ("", ""),
    ],
)
def test_what_a_folder_is_called_says_its_label(name: str, label: str) -> None:
    assert label_in(name) == label
