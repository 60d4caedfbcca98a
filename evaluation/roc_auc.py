"""How well a discriminator separates real from fake clips. Pure numpy."""

from __future__ import annotations

import numpy as np


def roc_auc(real_logits: np.ndarray, fake_logits: np.ndarray) -> float:
    """Area under the ROC curve: the share of pairs of a real and a fake in which the real logit is higher.

    Args:
        real_logits: [N, ...].
        fake_logits: [M, ...]; logits of patches are compared at equal positions.

    Returns:
        A value in [0, 1]: 1 where each real logit is above each fake one, 0.5 for a guess. Ties count half (Mann and
        Whitney, 1947).
    """
    gaps = real_logits[:, np.newaxis] - fake_logits[np.newaxis]
    return 0.5 + 0.5 * float(np.mean(np.sign(gaps)))
