"""The scalars of a training log: names, descriptions, and their tags in TensorBoard.

A name such as `losses/d_loss` is a group and the rest. TensorBoard sorts tags, so a tag has the group's number before
the name: `3 losses/d_loss`. The groups are in the order in which people look at them.
"""

from __future__ import annotations

SAMPLES, METRICS, LOSSES, DIAGNOSTICS = _GROUPS = ("samples", "metrics", "losses", "diagnostics")
_NUMBERS = {group: number for number, group in enumerate(_GROUPS, start=1)}

# What a person sees on the (i) beside the curve. Examinations measure samples of the batch's classes.
DESCRIPTIONS: dict[str, str] = {
    "metrics/sample_distance": "Distance between samples and a batch of real clips, in gray levels. Lower is better. "
    "Measured at each checkpoint.",
    "metrics/clip_distance": "Clip distance between samples and real clips (MIND of HOG3D features). Lower is better. "
    "Measured at each checkpoint if trainer.run.export=best.",
    "metrics/diversity_ratio": "Mean distance between two samples, relative to real clips. Good samples are near 1.",
    "metrics/rms_motion_ratio": "Change between frames of samples, relative to real clips. Good samples are near 1.",
    "metrics/contrast_ratio": "Contrast within frames of samples, relative to real clips. Good samples are near 1.",
    "metrics/nearest_ratio": "Distance of a sample from the nearest real clip of the batch, relative to that between "
    "real clips. Far below 1: copies of training clips.",
    "metrics/brightness_generated": "Mean gray level of samples, 0 to 255.",
    "metrics/flicker_generated": "Share of a change that the next frame undoes, of samples. Compare with flicker_real.",
    "metrics/flicker_real": "Share of a change that the next frame undoes, of real clips.",
    "losses/d_loss": "Sum of the discriminators' losses.",
    "losses/g_loss": "Sum of the generator's losses.",
    "losses/image_d_loss": "Loss of the image discriminator.",
    "losses/image_g_loss": "Loss of the generator from the image discriminator.",
    "losses/video_d_loss": "Loss of the video discriminator.",
    "losses/video_g_loss": "Loss of the generator from the video discriminator.",
    "losses/category_d_loss": "Cross entropy of the classes of real clips.",
    "losses/category_g_loss": "Cross entropy of the classes of samples.",
    "losses/image_caption_d_loss": "Loss of the image discriminator for real clips with wrong captions, weighted.",
    "losses/video_caption_d_loss": "Loss of the video discriminator for real clips with wrong captions, weighted.",
    "losses/caption_g_loss": "Divergence of the captions' vectors from N(0, 1), weighted.",
    "losses/wording_g_loss": "Distance between the vectors of two captions of a clip, weighted.",
    "losses/penalty": "Weighted gradient penalties R1 and R2, of the last step that had them.",
    "diagnostics/image_roc_auc": "Share of real-fake pairs that the image discriminator orders right. 0.5 is a guess, "
    "1 means that it has won.",
    "diagnostics/video_roc_auc": "Share of real-fake pairs that the video discriminator orders right. 0.5 is a guess, "
    "1 means that it has won.",
    "diagnostics/image_logit_gap": "Mean real logit minus mean fake logit of the image discriminator.",
    "diagnostics/video_logit_gap": "Mean real logit minus mean fake logit of the video discriminator.",
    "diagnostics/image_loss_ratio": "Loss of the image discriminator, divided by the loss of a guess.",
    "diagnostics/video_loss_ratio": "Loss of the video discriminator, divided by the loss of a guess.",
    "diagnostics/generator_gradient": "Typical norm of the generator's gradient, from Adam's second moments.",
    "diagnostics/discriminator_gradient": "Typical norm of the discriminators' gradient, from Adam's second moments.",
    "diagnostics/unaveraged_diversity_ratio": "diversity_ratio of the generator without its moving average.",
    "diagnostics/unaveraged_contrast_ratio": "contrast_ratio of the generator without its moving average.",
    "diagnostics/generator_learning_rate": "Learning rate of the generator.",
    "diagnostics/discriminator_learning_rate": "Learning rate of the discriminators.",
    "diagnostics/clips_per_second": "Clips per second of the steps since the last entry, without compiling and saving.",
    "diagnostics/step_seconds": "Mean seconds per step since the last entry, without compiling and saving.",
    "diagnostics/memory_mb": "Memory of the training process in MiB.",
    "diagnostics/gpu_memory_mb": "Highest use of the first GPU's memory so far, in MiB.",
}
# Columns of TensorBoard's table of trainings.
COMPARED = (
    "metrics/sample_distance",
    "metrics/clip_distance",
    "metrics/diversity_ratio",
    "metrics/rms_motion_ratio",
    "diagnostics/video_roc_auc",
    "diagnostics/clips_per_second",
)


def tag(name: str) -> str:
    """`losses/d_loss` -> `3 losses/d_loss`, the name in TensorBoard. Raises KeyError for an unknown group."""
    return f"{_NUMBERS[name.partition('/')[0]]} {name}"


def examined(metric: str) -> str:
    """Name of a metric of the training doctor: `metrics/...` for one of the samples, else `diagnostics/...`."""
    name = f"{METRICS}/{metric}"
    return name if name in DESCRIPTIONS else f"{DIAGNOSTICS}/{metric}"
