"""Networks that keep the form of things: one picture for a clip, whose parts move.

The picture comes from the content and the class alone. Motion moves it, and can change it only by planes and by one
FiLM layer. The image discriminator compares two frames, so a thing should stay itself. Both discriminators know the
class by a projection, so a class can be a motion or a thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import tensorflow as tf

from mocogan.trainer.config import ModelConfig
from mocogan.trainer.networks.blocks.conv import Conv2D, Conv3x3
from mocogan.trainer.networks.blocks.coord_planes import CoordPlanes
from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.initializers import dcgan_normal
from mocogan.trainer.networks.blocks.moving_parts import MovingParts
from mocogan.trainer.networks.blocks.upsampling import ResizeConv2D
from mocogan.trainer.networks.clip_generator import ClipGenerator
from mocogan.trainer.networks.conv_discriminators import ConvDiscriminator, pixels_left
from mocogan.trainer.networks.discriminator import TICKETS, Logits, Noise
from mocogan.trainer.networks.latents import Latents, LatentSampler
from mocogan.trainer.networks.mocogan import hidden_channels
from mocogan.trainer.networks.motion import MotionGenerator
from mocogan.trainer.networks.norms.batch_norm import BatchNorm
from mocogan.trainer.networks.norms.conditional_batch_norm import ConditionalBatchNorm
from mocogan.trainer.networks.norms.standardization import Standardization
from mocogan.trainer.runtime.randomness import RandomStream

_NUM_PARTS = 3  # that move
_PAIR_CHANNELS = 7  # of `random_pairs`


class Generator(ClipGenerator):
    """Latents -> clips. Content and class draw a picture once for a clip. z_motion(t) moves its parts in each frame."""

    def __init__(
        self, random: RandomStream, *, config: ModelConfig, size: int, num_categories: int
    ) -> None:
        super().__init__()
        config.check_size(size)
        assert config.gru_units is not None
        self.motion = MotionGenerator(
            random,
            dim_z_motion=config.dim_z_motion,
            gru_units=config.gru_units,
            num_categories=num_categories,
        )
        channels = hidden_channels(2 * config.base_channels, size)
        inputs = config.dim_z_content + num_categories
        self.picture = PictureGenerator(random, inputs=inputs, channels=channels)
        self.frames = FrameGenerator(
            random,
            dim_content=inputs,
            dim_z_motion=config.dim_z_motion,
            channels=channels[-1],
        )
        self.sample_latents = LatentSampler(
            dim_z_content=config.dim_z_content,
            dim_motion_noise=config.dim_z_motion,
            gru_units=config.gru_units,
        )

    @property
    def class_rows(self) -> dict[str, int]:
        content = self.sample_latents.dim_z_content
        return {
            f"motion/{self.motion.CLASS_KERNEL}": self.sample_latents.dim_motion_noise,
            "picture/project/kernel": content,
            "frames/frame_norm/style/kernel": content,
            "frames/clip_norm/style/kernel": content,
        }

    def z_motion(self, latents: Latents) -> tf.Tensor:
        return self.motion(latents)

    def draw(
        self, latents: Latents, z_motion: tf.Tensor, training: bool, dtype: tf.DType = tf.float32
    ) -> tf.Tensor:
        num_frames = z_motion.shape[1]
        z_motion = tf.cast(tf.reshape(z_motion, [-1, z_motion.shape[2]]), dtype)
        content = tf.cast(tf.concat([latents.z_content, latents.z_category], axis=-1), dtype)
        frames = self.frames(self.picture(content, training), content, z_motion, training)
        batch = latents.z_content.shape[0] or -1  # known where the fused kernels need it
        return tf.reshape(frames, [batch, num_frames, *frames.shape[1:]])


class PictureGenerator(tf.Module):
    """Resize-convolutions from 4x4 pixels to half of the frame size, once for each clip. The result has features."""

    def __init__(self, random: RandomStream, *, inputs: int, channels: Sequence[int]) -> None:
        """`inputs`: length of content and class; `channels`: at 4x4 pixels and after each doubling."""
        super().__init__()
        self.project = Dense(
            random, inputs=inputs, outputs=16 * channels[0], init=dcgan_normal, use_bias=False
        )
        self.upsamplings = [
            ResizeConv2D(random, inputs=before, outputs=after, init=dcgan_normal)
            for before, after in pairwise(channels)
        ]
        self.norms = [BatchNorm(count) for count in channels]
        self._first_channels = channels[0]

    def __call__(self, content: tf.Tensor, training: bool) -> tf.Tensor:
        """[B, inputs] -> [B, size / 2, size / 2, channels[-1]] >= 0, in the dtype of `content`."""
        x = tf.reshape(self.project(content), [-1, 4, 4, self._first_channels])
        x = tf.nn.relu(self.norms[0](x, training))
        for upsampling, norm in zip(self.upsamplings, self.norms[1:], strict=True):
            x = tf.nn.relu(norm(upsampling(x), training))
        return x


class FrameGenerator(tf.Module):
    """Moves the parts of a picture, changes it with content and motion, and doubles its size.

    The last modulation is by the content alone, because colors stayed gray with motion there.
    """

    def __init__(
        self,
        random: RandomStream,
        *,
        dim_content: int,
        dim_z_motion: int,
        channels: int,
    ) -> None:
        super().__init__()
        self.parts = MovingParts(random, inputs=dim_z_motion, num_parts=_NUM_PARTS)
        self.planes = CoordPlanes(random, inputs=dim_z_motion, channels=channels)
        self.frame_norm = ConditionalBatchNorm(
            random, inputs=dim_content + dim_z_motion, channels=channels
        )
        self.convolution = Conv3x3(random, inputs=channels, outputs=channels, init=dcgan_normal)
        self.clip_norm = ConditionalBatchNorm(random, inputs=dim_content, channels=channels)
        self.upsampling = ResizeConv2D(random, inputs=channels, outputs=3, init=dcgan_normal)

    def __call__(
        self, pictures: tf.Tensor, content: tf.Tensor, z_motion: tf.Tensor, training: bool
    ) -> tf.Tensor:
        """[B, S, S, C], [B, Dc], [N, Dm] with N a multiple of B -> [N, 2 S, 2 S, 3] float32 in [-1, 1]."""
        size, frames = pictures.shape[1], tf.shape(z_motion)[0] // tf.shape(content)[0]
        z = tf.concat([tf.repeat(content, frames, axis=0), z_motion], axis=-1)
        x = self.parts(pictures, z_motion) + self.planes(z_motion, size, size)
        x = self.frame_norm(x, z, training)
        x = self.clip_norm(self.convolution(x), content, training)
        return tf.tanh(tf.cast(self.upsampling(x), tf.float32))


class ImageDiscriminator(tf.Module):
    """D_I: pairs of frames of a clip and their distance in time -> Logits.

    A pair shows whether a thing stays the same, at the full frame size. DIGAN judges motion in this way
    (arXiv:2202.10571, section 3.2).
    """

    def __init__(
        self, random: RandomStream, *, config: ModelConfig, size: int, num_categories: int
    ) -> None:
        super().__init__()
        assert config.image_frames is not None
        self.network = ConvDiscriminator(
            random,
            convolution=Conv2D,
            config=config,
            inputs=_PAIR_CHANNELS,
            width=2 * config.base_channels,  # for two frames
            places=pixels_left(size),
            num_categories=num_categories,
        )
        self.standardization = Standardization()
        self._pairs = config.image_frames

    def select(self, clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
        """[B, T, H, W, 3] -> [B * image_frames, H, W, 7], see `random_pairs`. The frames are standardized."""
        return random_pairs(self.standardization(clips), self._pairs, random)

    def __call__(
        self, x: tf.Tensor, noise: Noise | None = None, dtype: tf.DType = tf.float32
    ) -> Logits:
        """[N, H, W, 7] float32, from `select` -> Logits; the convolutions compute in `dtype`."""
        x = tf.cast(x, dtype)
        return self.network(noise.add(x) if noise else x)


def random_pairs(clips: tf.Tensor, count: int, random: RandomStream) -> tf.Tensor:
    """Draw `count` pairs of different frames of each clip: [B, T, H, W, 3] -> [B * count, H, W, 7], clip after clip.

    The channels are the earlier frame, the later frame, and their distance in time as a share of T - 1.
    """
    _, num_frames, height, width, _ = clips.shape
    tickets = random.integers([tf.shape(clips)[0], count, num_frames], TICKETS)
    indices = tf.sort(tf.math.top_k(tickets, 2).indices, axis=-1)
    drawn = tf.gather(clips, tf.reshape(indices, [-1, 2 * count]), axis=1, batch_dims=1)
    earlier, later = tf.unstack(tf.reshape(drawn, [-1, 2, height, width, 3]), axis=1)
    distance = tf.cast(indices[..., 1] - indices[..., 0], tf.float32) / (num_frames - 1)
    plane = tf.ones_like(later[..., :1]) * tf.reshape(distance, [-1, 1, 1, 1])
    return tf.concat([earlier, later, plane], axis=-1)
