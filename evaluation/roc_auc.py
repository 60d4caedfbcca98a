"""ROC AUC: how well a discriminator separates real from fake clips. Pure numpy."""

from __future__ import annotations

import numpy as np


def roc_auc(real_logits: np.ndarray, fake_logits: np.ndarray) -> float:
    """Return the area under the ROC curve: the share of real-fake pairs in which the real logit is higher.

    Args:
        real_logits: [N, ...].
        fake_logits: [M, ...]. Logits of patches are compared at equal positions.

    Returns:
        A value in [0, 1]. It is 1 if each real logit is above each fake logit, and 0.5 for random guesses. Ties count
        half (Mann and Whitney, 1947).
    """
    gaps = real_logits[:, np.newaxis] - fake_logits[np.newaxis]
    return 0.5 + 0.5 * float(np.mean(np.sign(gaps)))
