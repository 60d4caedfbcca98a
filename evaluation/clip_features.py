"""All features of a set of clips, by name, a row per clip. Metrics compare them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np

from mocogan.evaluation.features import color, motion, patches
from mocogan.evaluation.features.content_change import content_change
from mocogan.evaluation.features.hog3d import hog3d
from mocogan.evaluation.features.mean_picture import mean_picture
from mocogan.evaluation.features.thumbnail import thumbnail

Features = Mapping[str, np.ndarray]  # each [N, ...]

HOG3D = "hog3d"
COLOR_HISTOGRAM = "color_histogram"
MEAN_PICTURE = "mean_picture"
PATCHES = "patches_{}"  # {} is the band, 1 is the finest
COLOR_CHANGE = "color_change"
CONTENT_CHANGE = "content_change"
CHANGE = "change"
TAKEN_BACK = "taken_back"
HIGH_FREQUENCY = "high_frequency"
SHARPNESS = "sharpness"
DISPLACEMENT = "displacement"
THUMBNAIL = "thumbnail"
NEIGHBORHOOD = "neighborhood"  # principal components of the next three, fitted to training clips
# Root mean square distances from the mean. A feature that spreads less hardly varies, for example the colors of white
# things on black, so it counts less.
NEIGHBORHOOD_FEATURES = {HOG3D: 1.0, COLOR_HISTOGRAM: 0.25, MEAN_PICTURE: 10.0}

_ALL_BANDS = "patches"
_FEATURES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    HOG3D: hog3d,
    COLOR_HISTOGRAM: color.color_histogram,
    MEAN_PICTURE: mean_picture,
    COLOR_CHANGE: color.color_change,
    CHANGE: motion.change,
    TAKEN_BACK: motion.taken_back,
    HIGH_FREQUENCY: motion.high_frequency,
    SHARPNESS: motion.sharpness,
    DISPLACEMENT: motion.displacement,
    THUMBNAIL: thumbnail,
}
_CLIPS_AT_ONCE = 64
# Embeds frames, [N, T, H, W, 3] uint8 -> [N, T, D] unit vectors. See `features.frame_embedding`.
Embedding = Callable[[np.ndarray], np.ndarray]


def clip_features(
    clips: np.ndarray,
    embedding: Embedding | None = None,
    names: Collection[str] | None = None,
    advance: Callable[[int], None] = lambda count: None,
) -> dict[str, np.ndarray]:
    """Compute the features of clips.

    Args:
        clips: [N, T, H, W, 3] uint8, T >= 3.
        embedding: Frame embedding. Without one, `content_change` is left out.
        names: Features to compute. None: all.
        advance: Called with the number of clips that were measured since the last call.

    Returns:
        Arrays [N, ...] by name. Bands of patches that small frames do not have are left out.
    """
    functions = _functions(clips, embedding)
    if names is not None:
        functions = {
            name: function
            for name, function in functions.items()
            if set(names) & set(_outputs(name, clips))
        }
    parts = []
    for start in range(0, len(clips), _CLIPS_AT_ONCE):
        part = clips[start : start + _CLIPS_AT_ONCE]
        parts.append({name: function(part) for name, function in functions.items()})
        advance(len(part))
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in functions}
    bands = arrays.pop(_ALL_BANDS, None)
    if bands is not None:
        arrays |= {name: bands[:, band] for band, name in enumerate(_outputs(_ALL_BANDS, clips))}
    return arrays


def _functions(
    clips: np.ndarray, embedding: Embedding | None
) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    functions = {**_FEATURES, _ALL_BANDS: patches.patch_projections}
    if embedding is not None:
        functions[CONTENT_CHANGE] = lambda part: content_change(embedding(part))
    return functions


def _outputs(name: str, clips: np.ndarray) -> list[str]:
    if name != _ALL_BANDS:
        return [name]
    return [PATCHES.format(band + 1) for band in range(patches.num_bands(*clips.shape[2:4]))]
