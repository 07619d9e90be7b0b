from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.errors import SettingsError
from fedasc.scenes import Scene
from tests.aggregators.days import PUBLIC, Day, classifier, heard, stream


def summarised(x: Day, **settings: Any) -> SceneMixture:
    aggregator = SceneGaussiansAggregator(**settings)
    return aggregator.summarise(
        stream(x), classifier=classifier(sharpness=30), public=PUBLIC, seed=0
    ).content


def test_each_scene_has_the_moments_of_the_windows_predicted_to_be_it() -> None:
    x = heard(400)
    scene = classifier(sharpness=30).predict(x)
    found = summarised(x, variance_floor_db2=0.5, min_windows=1)
    np.testing.assert_allclose(found.shares(), np.bincount(scene, minlength=4) / 400, rtol=1e-6)
    for each in np.unique(scene):
        mixture = found.of_scene(each)
        assert mixture is not None
        own = x[scene == each].astype(np.float64)
        np.testing.assert_allclose(mixture.means[0], own.mean(axis=0), rtol=1e-5)
        np.testing.assert_allclose(mixture.variances[0], own.var(axis=0) + 0.5, rtol=1e-5)
    assert len(np.unique(scene)) > 2


@pytest.mark.parametrize("n_components", [1, 2, 5])
def test_scenes_of_few_windows_are_left_out(n_components: int) -> None:
    x = heard(400)
    scene = classifier(sharpness=30).predict(x)
    n_heard = np.bincount(scene, minlength=4)
    most = int(n_heard.argmax())
    x = np.concatenate([x[scene == most], *(x[scene == each][:4] for each in range(4))])
    found = summarised(x, n_components=n_components)
    assert set(found.scene.tolist()) == {most}
    assert found.mixture.n_components <= n_components


def test_components_stand_for_min_windows_windows_each() -> None:
    x = heard(400)
    found = summarised(x, n_components=30)
    n_heard = np.bincount(classifier(sharpness=30).predict(x), minlength=4)
    total = n_heard[n_heard >= 5].sum()
    assert found.mixture.n_components > 20
    # What is left is renormalised, so weights may only have grown.
    assert found.mixture.weights.min() * total >= 5 * (1 - 1e-5)
    for scene in Scene:
        assert (found.scene == scene).sum() <= n_heard[scene] // 5


def test_a_day_too_short_for_any_scene_is_one_component() -> None:
    x = heard(400)
    scene = classifier(sharpness=30).predict(x)
    first = np.concatenate([x[scene == each][:4] for each in np.unique(scene)])
    found = summarised(first, variance_floor_db2=0.5)
    assert found.mixture.n_components == 1
    exact = first.astype(np.float64)
    np.testing.assert_allclose(found.mixture.means[0], exact.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found.mixture.variances[0], exact.var(axis=0) + 0.5, rtol=1e-5)


@pytest.mark.parametrize(
    "wrong", [{"n_components": 0}, {"min_windows": 0}, {"variance_floor_db2": 0.0}]
)
def test_refuses_settings_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"scene-gaussians: .*{next(iter(wrong))}"):
        SceneGaussiansAggregator(**wrong)
