"""Words for noise, music and speech, as people name their folders."""

import re
import unicodedata

_WORDS = {
    "noise": (
        "noise noises nonspeech lärm laerm geräusch geräusche geraeusch geraeusche rauschen "
        "störgeräusch störgeräusche stoergeraeusche umgebungsgeräusche hintergrundgeräusche bruit "
        "bruits ruido ruidos rumore rumori ruído ruídos lawaai geluiden ruis støj støy buller "
        "melu hałas szum hluk gürültü шум шумы 噪音 噪声 噪聲 雑音 騒音 ノイズ 소음 잡음"
    ),
    "music": (
        "music musik musique musiques música músicas musica musiche muziek musikk musiikki muzyka "
        "hudba müzik музыка 音乐 音樂 音楽 음악"
    ),
    "speech": (
        "speech voice voices speaker speakers talker talkers sprache sprachen sprecher stimme "
        "stimmen parole paroles voix locuteurs habla voz voces vozes fala parlato voce voci spraak "
        "stem stemmen tale taler tal puhe mowa řeč konuşma речь голос голоса 语音 語音 音声 음성"
    ),
}
"""What names a label, alone or with others in a name."""

_NAMES = {
    "noise": (
        "environment environments environmental environmentalsounds ambience ambiences "
        "ambiance ambiances atmosphere atmospheres background backgrounds soundscape soundscapes "
        "umgebung hintergrund environnement ambiente ambienti entorno fondo sfondo fundo omgeving"
    ),
    "music": "song songs lieder chansons canciones canzoni",
    "speech": "clean utterance utterances sentences rede reden discours discorso",
}
"""What names a label if it is the whole name: within others such words mean much else."""

_MIXED = {"noisy", "mixed", "mixture", "mixtures"}
"""What says that a folder holds several at once, whatever else stands in its name."""


def label_in(name: str) -> str:
    """The label that the name of a folder says; empty if it says none, or several.

    Capitals, accents, numbers and what stands between words don't count: "02_Noise (field)" is
    noise, and speech_in_noise nothing.
    """
    words = _split(name)
    if _MIXED & set(words):
        return ""
    whole = "".join(words)
    for label, known in _WHOLE.items():
        if whole in known:
            return label
    labels = {label for label, known in _PARTS.items() if known & set(words)}
    return labels.pop() if len(labels) == 1 else ""


def _split(name: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return re.findall(r"[^\W\d_]+", plain)


_PARTS = {label: {_split(word)[0] for word in text.split()} for label, text in _WORDS.items()}
_WHOLE = {
    label: {_split(word)[0] for word in f"{_NAMES[label]} {text}".split()}
    for label, text in _WORDS.items()
}
