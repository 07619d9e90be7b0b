from dataclasses import replace

import numpy as np

from fedasc.aggregators.public import Public
from fedasc.made_up.server import small_server
from tests.aggregators.test_mixture import random_mixture


def test_axes_are_those_along_which_samples_deviate_most() -> None:
    server = small_server()
    axes = server.public.axes.astype(np.float64)
    along = ((server.deviations @ axes.T) ** 2).sum(axis=0)
    assert (np.diff(along) <= 1e-3 * along[0]).all()
    _, roots, _ = np.linalg.svd(server.deviations.astype(np.float64))
    np.testing.assert_allclose(along, roots**2, rtol=1e-4)


def test_the_digest_is_of_every_number() -> None:
    public = Public(random_mixture(4), np.eye(45, dtype=np.float32))
    same = Public(random_mixture(4), np.eye(45, dtype=np.float32))
    assert same.digest == public.digest
    axes, means = public.axes.copy(), public.mixture.means.copy()
    axes[-1, -1] += 1e-6
    means[-1, -1] += 1e-4
    others = (
        replace(public, axes=axes),
        replace(public, axes=public.axes[:8]),
        replace(public, mixture=replace(public.mixture, means=means)),
        public.coarser(3),
    )
    assert len({public.digest, *(other.digest for other in others)}) == 1 + len(others)


def test_coarser_has_the_same_axes() -> None:
    public = Public(random_mixture(4), np.eye(45, dtype=np.float32))
    coarser = public.coarser(2)
    assert coarser.mixture.n_components == 2
    np.testing.assert_array_equal(coarser.axes, public.axes)
    assert public.coarser(4).mixture is public.mixture
