from dataclasses import replace

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from fedasc.audio.bank import FilterBank
from fedasc.bank_search import objective
from fedasc.bank_search.folds import folds_of
from fedasc.bank_search.objective import CrossValidated
from fedasc.bank_search.settings import Objective, SearchSettings
from fedasc.corpus.features import listen
from fedasc.models.training import EmbeddedSettings
from fedasc.seeds import Streams
from tests.bank_search.test_folds import division

BANK = FilterBank()
OTHER = FilterBank(modulation_edges_hz=(20.0, 40.0, 80.0, 160.0))
QUICK = EmbeddedSettings(n_epochs=20)


def judge(
    what: Objective = "lda", *, embedded: EmbeddedSettings = QUICK, seed: int = 1
) -> CrossValidated:
    settings = SearchSettings(objective=what, n_folds=2, n_windows=120)
    return CrossValidated(replace(division(), streams=Streams(seed)), settings, embedded=embedded)


def test_each_fold_is_predicted_by_what_learnt_from_the_others() -> None:
    folds = folds_of(division(), 2, 120)
    x = [listen(BANK, division().clips, windows).astype(float) for windows in folds]
    expected = [
        LinearDiscriminantAnalysis().fit(x[1 - i], folds[1 - i].scene).score(x[i], folds[i].scene)
        for i in range(2)
    ]
    assert judge()(BANK) == pytest.approx(np.mean(expected))


@pytest.mark.parametrize("what", ["lda", "embedded"])
def test_a_bank_has_one_accuracy_and_a_poor_bank_a_lower_one(what: Objective) -> None:
    accuracy = judge(what)
    assert accuracy(BANK) == judge(what)._accuracy(BANK)
    assert 0.25 < accuracy(OTHER) < accuracy(BANK) <= 1


def test_the_objectives_differ() -> None:
    assert judge("lda")(BANK) != judge("embedded")(BANK)


def test_what_was_judged_is_not_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [judge("lda")(BANK), judge("embedded")(BANK)]
    monkeypatch.delattr(objective, "listen")
    assert [judge("lda")(BANK), judge("embedded")(BANK)] == before
    assert judge("lda", embedded=EmbeddedSettings(n_epochs=9))(BANK) == before[0]
    for anew in (
        judge("embedded", embedded=EmbeddedSettings(n_epochs=9)),
        judge("lda", seed=2),
    ):
        with pytest.raises(NameError):
            anew(BANK)
    with pytest.raises(NameError):
        judge("lda")(OTHER)
