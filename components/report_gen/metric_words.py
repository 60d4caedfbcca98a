"""Metrics in words for readers who do not know their names."""

from __future__ import annotations

from mocogan.evaluation.damages import DAMAGES

_MEANINGS = {
    "clip_distance": "form and motion",
    "clip_kid": "form and motion, a second opinion",
    "color_distance": "colors",
    "picture_distance": "places and brightness",
    "patch_distance_1": "fine details",
    "patch_distance_2": "details of medium size",
    "patch_distance_3": "coarse details",
    "color_consistency": "colors stay the same within a clip",
    "content_consistency": "things stay the same within a clip",
    "change": "amount of motion",
    "taken_back": "flicker and trembling",
    "high_frequency": "smoothness of motion",
    "sharpness": "sharpness of frames",
    "displacement": "where things travel",
    "coverage": "kinds of real clips that the model reaches",
    "density": "clips that are like real ones",
    "distinct_share": "clips that differ from each other",
    "motion_control_score": "requested classes are shown",
    "caption_r_precision": "requested captions are shown",
    "memorization": "copies of training clips",
    "content_kept": "content stays when the motion changes",
    "motion_kept": "motion stays when the content changes",
    "disentanglement": "content and motion are separate",
    "shape_detection_rate": "frames that show one shape",
    "shape_acd": "color changes of the shape",
    "shape_displacement": "how far the shape travels",
    "fvd": "features of a video network (I3D)",
    "frechet_distance": "features of a network that you chose",
}
_TITLES = {
    "caption_r_precision": "caption R-precision",
    "clip_kid": "clip KID",
    "fvd": "FVD",
    "shape_acd": "shape ACD",
}
DIRECTIONS = {
    "lower": "lower is better",
    "higher": "higher is better",
    "none": "nearer to real is better",
}
ARROWS = {
    "lower": "\N{DOWNWARDS ARROW}",
    "higher": "\N{UPWARDS ARROW}",
    "none": "\N{LEFT RIGHT ARROW}",
}


def metric_title(name: str) -> str:
    """ "clip_distance" -> "Clip distance"."""
    text = _TITLES.get(name, name.replace("_", " "))
    return text[:1].upper() + text[1:]


def metric_meaning(name: str) -> str:
    """What a metric looks at, in a few words. Empty for unknown metrics."""
    return _MEANINGS.get(name, "")


def damage_words(damage: str) -> str:
    """The damage at 1 of a metric's scale in words. A damage without a description is its own."""
    return DAMAGES[damage].description if damage in DAMAGES else damage
