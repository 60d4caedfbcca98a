"""Options that no machine can train, found before the videos are ingested."""

from __future__ import annotations

from mocogan.trainer.config import TrainerConfig

_MAX_BYTES = 64 * 2**30
_BYTES_PER_WEIGHT = 16  # float32: the weight, its gradient, and two moments of Adam


def check_limits(config: TrainerConfig, num_frames: int, size: int) -> None:
    """Checks that clips [num_frames, size, size, 3] can be trained with these options.

    Raises:
        ValueError: The architecture cannot generate the size, the image discriminator needs more frames, or the largest
            layer or a batch takes more than 64 GiB. The message names the option to change.
    """
    config.model.check_size(size)
    image_frames = config.model.image_frames or 1
    if image_frames > num_frames:
        raise ValueError(
            f"trainer.model.image_frames={image_frames} is more than the {num_frames} frames of a clip: lower it or "
            "raise ingest.num_frames"
        )
    if (layer := _largest_layer(config, size)) * _BYTES_PER_WEIGHT > _MAX_BYTES:
        raise ValueError(
            f"trainer.model.base_channels={config.model.base_channels} makes a layer of {layer / 1e9:,.0f} billion "
            f"weights, which takes {_gib(layer * _BYTES_PER_WEIGHT)} GiB in training, more than the limit of "
            f"{_gib(_MAX_BYTES)} GiB: lower it, for example to 64"
        )
    clips = config.run.batch_size // config.run.gradient_accumulation_steps
    if (batch := clips * num_frames * size**2 * 3 * 4) > _MAX_BYTES:  # float32
        raise ValueError(
            f"{clips} clips of trainer.run.batch_size={config.run.batch_size} take {_gib(batch)} GiB at once, more "
            f"than the limit of {_gib(_MAX_BYTES)} GiB: lower it or raise trainer.run.gradient_accumulation_steps"
        )


def _largest_layer(config: TrainerConfig, size: int) -> int:
    """Number of weights of the largest layer, to a factor of two."""
    channels = config.model.base_channels
    doubled = 2 if config.model.architecture == "moving_parts" else 1
    widest = doubled * channels * min(8, size // 8)
    generator = 4 * 4 * widest * widest // 2
    discriminator = 4 * 4 * 4 * (2 * channels) * (4 * channels)
    return max(generator, discriminator)


def _gib(count: int) -> str:
    return f"{count / 2**30:,.0f}"
