"""A support vector machine that labels many samples quickly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC
from sklearn.utils import gen_batches

from fedasc.audio import FloatArray
from fedasc.models.votes import votes

_AT_ONCE = 512  # samples; bounds the kernel matrix to 4 KB per support vector


class KernelMachine(SVC):  # type: ignore[misc]  # scikit-learn is untyped
    """scikit-learn's, with its decision function as matrix products in double precision.

    The kernel must be radial, gamma a number, and there must be three classes or more. The scores
    are scikit-learn's up to rounding, and other samples in the call change them no more than
    that. Only a sample within rounding of the border between two classes may get the other vote.
    """

    def decision_function(self, x: NDArray[Any]) -> FloatArray:
        """One score for each class (`decision_function_shape="ovr"`).

        Args:
            x: (n_samples, n_features)

        Returns:
            (n_samples, n_classes)
        """
        coefficients = self.pair_coefficients()
        margins = np.empty((len(x), coefficients.shape[1]))
        for rows in gen_batches(len(x), _AT_ONCE):
            kernel = rbf_kernel(x[rows], self.support_vectors_, gamma=self.gamma)
            margins[rows] = kernel @ coefficients
        return votes(margins + self.intercept_, len(self.classes_))

    def pair_coefficients(self) -> FloatArray:
        """(n_support_vectors, n_pairs) weight of every support vector for each pair of classes.

        `dual_coef_` has a row for each rival of a support vector's own class, in rising order: the
        rivals below the class come first.
        """
        first, second = np.triu_indices(len(self.classes_), k=1)
        vector_classes = np.repeat(np.arange(len(self.classes_)), self.n_support_)[:, None]
        return np.where(
            vector_classes == first,
            self.dual_coef_[second - 1].T,
            np.where(vector_classes == second, self.dual_coef_[first].T, 0.0),
        )
