"""A frame embedding that tells frames of one clip from frames of other clips. It is trained on the real clips.

Histograms of colors are blind to a digit that turns into another. This embedding sees it, for any data. Its training
is contrastive (InfoNCE, van den Oord et al., arXiv:1807.03748): two frames of a clip against frames of other clips.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from mocogan.data.progress import progress
from mocogan.evaluation.roc_auc import roc_auc

_CHANNELS = (24, 48, 64, 96)
_DIMENSION = 64
_SIZE = 32  # pixels per side that the network sees, for speed
_TEMPERATURE = 0.1
_LEARNING_RATE = 2e-3
_PAIRS = 128  # of frames in a step
_SHIFT = 4  # frames are moved by up to 1 / _SHIFT of the side, so that place is no cue
_EMBEDDED_AT_ONCE = 512  # frames


class FrameEmbedding:
    """A small network from frames to unit vectors. Frames of the same clip are close."""

    def __init__(self, weights: dict[str, np.ndarray], frame_shape: tuple[int, ...]) -> None:
        """Use trained weights.

        Args:
            weights: Result of `weights`.
            frame_shape: Shape of the frames, (H, W, 3).
        """
        self._network = _network(frame_shape, seed=0)
        self._network.set_weights([weights[name] for name in sorted(weights)])

    @classmethod
    def train(
        cls, clips: np.ndarray, videos: np.ndarray, steps: int, seed: int = 0
    ) -> FrameEmbedding:
        """Train an embedding. The same arguments give the same training on the same machine.

        Args:
            clips: Real training clips, [N, T, H, W, 3] uint8, of at least two videos.
            videos: Number of each clip's video, [N]. Clips of the same video are never told apart.
            steps: Steps of training.
            seed: Seed of initial weights, pairs and shifts.

        Raises:
            ValueError: All clips are of one video.
        """
        groups = [np.flatnonzero(videos == video) for video in np.unique(videos)]
        if len(groups) < 2:
            raise ValueError("a frame embedding needs clips of at least two videos")
        network = _network(clips.shape[2:], seed)
        step = tf.function(_Training(network, seed))
        random = np.random.default_rng(seed)
        with progress("frame embedding", steps, "steps") as bar:
            for number in range(steps):
                step(tf.constant(_pairs(clips, groups, random)), tf.constant(number))
                bar.advance(1)
        return cls(_named(network), clips.shape[2:])

    def weights(self) -> dict[str, np.ndarray]:
        """Return the weights, to build the same embedding again."""
        return _named(self._network)

    def __call__(self, clips: np.ndarray) -> np.ndarray:
        """Embed each frame: [N, T, H, W, 3] uint8 -> [N, T, 64] float32 unit vectors."""
        frames = clips.reshape(-1, *clips.shape[2:])
        parts = [
            self._network(_to_float(frames[start : start + _EMBEDDED_AT_ONCE])).numpy()
            for start in range(0, len(frames), _EMBEDDED_AT_ONCE)
        ]
        return np.concatenate(parts).reshape(*clips.shape[:2], _DIMENSION)


class _Training:
    """One step of contrastive training."""

    def __init__(self, network: keras.Sequential, seed: int) -> None:
        self._network, self._seed = network, seed
        self._optimizer = keras.optimizers.Adam(_LEARNING_RATE)
        self._optimizer.build(network.trainable_variables)

    def __call__(self, frames: tf.Tensor, number: tf.Tensor) -> None:
        """Train on frames [2, P, H, W, 3] uint8: pair p is frames[0, p] and frames[1, p]."""
        height, width = frames.shape[2:4]
        both = tf.reshape(frames, [-1, height, width, 3])
        with tf.GradientTape() as tape:
            vectors = self._network(_shifted(_to_float(both), number, self._seed))
            first, second = tf.split(vectors, 2)
            similar = tf.matmul(first, second, transpose_b=True) / _TEMPERATURE
            labels = tf.range(tf.shape(first)[0])
            loss = sum(
                tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
                for logits in (similar, tf.transpose(similar))
            )
        variables = self._network.trainable_variables
        self._optimizer.apply(tape.gradient(loss, variables), variables)


def separation(vectors: np.ndarray, videos: np.ndarray, seed: int = 0) -> float:
    """Return how well the embedding tells frames of one clip from frames of another video's clip: the ROC AUC.

    Args:
        vectors: Embedded frames of held-out clips, [N, T, 64], T >= 2. Pairs are of different frames.
        videos: Number of each clip's video, [N], of at least two videos.
        seed: Seed of the pairs.

    Returns:
        The share of cases in which the frame of the same clip is closer, in [0.5, 1] for a useful embedding.
    """
    random = np.random.default_rng(seed)
    count = max(256, len(vectors))
    clip = random.integers(len(vectors), size=count)
    frames = vectors.shape[1]
    first = random.integers(frames, size=count)
    second = (first + random.integers(1, frames, size=count)) % frames
    other = np.array([random.choice(np.flatnonzero(videos != videos[number])) for number in clip])
    anchor = vectors[clip, first]
    same = (anchor * vectors[clip, second]).sum(axis=-1)
    different = (anchor * vectors[other, second]).sum(axis=-1)
    return roc_auc(same, different)


def _named(network: keras.Sequential) -> dict[str, np.ndarray]:
    return {f"{number:02d}": weight for number, weight in enumerate(network.get_weights())}


def _network(frame_shape: tuple[int, ...], seed: int) -> keras.Sequential:
    seeds = np.random.default_rng(seed).integers(2**31, size=len(_CHANNELS) + 1)
    layers: list[keras.Layer] = [
        keras.layers.Conv2D(
            channels,
            4,
            strides=2,
            padding="same",
            activation=keras.layers.LeakyReLU(0.2),
            kernel_initializer=keras.initializers.HeNormal(int(number)),
        )
        for channels, number in zip(_CHANNELS, seeds[:-1], strict=True)
    ]
    last = keras.initializers.GlorotNormal(int(seeds[-1]))
    layers += [
        keras.layers.GlobalMaxPooling2D(),
        keras.layers.Dense(_DIMENSION, kernel_initializer=last),
        keras.layers.UnitNormalization(),
    ]
    network = keras.Sequential(layers)
    network.build(_to_float(np.zeros((1, *frame_shape), np.uint8)).shape)
    return network


def _pairs(clips: np.ndarray, groups: list[np.ndarray], random: np.random.Generator) -> np.ndarray:
    """Draw two frames of a clip of each of up to 128 videos: [2, P, H, W, 3] uint8."""
    chosen = random.permutation(len(groups))[:_PAIRS]
    numbers = np.array([random.choice(groups[group]) for group in chosen])
    times = np.stack([random.permutation(clips.shape[1])[:2] for _ in numbers], axis=1)
    return clips[numbers[None], times]


def _shifted(frames: tf.Tensor, number: tf.Tensor, seed: int) -> tf.Tensor:
    """Move each frame [F, h, w, 3] by its own random number of pixels. What enters is mirrored."""
    height, width = frames.shape[1:3]
    most = (height // _SHIFT, width // _SHIFT)
    padded = tf.pad(frames, [[0, 0], [most[0]] * 2, [most[1]] * 2, [0, 0]], mode="SYMMETRIC")
    rows, columns = (
        tf.random.stateless_uniform(
            [tf.shape(frames)[0], 1], [seed + axis, number], maxval=2 * limit + 1, dtype=tf.int32
        )
        + tf.range(length)
        for axis, (limit, length) in enumerate(zip(most, (height, width), strict=True))
    )
    return tf.gather(tf.gather(padded, rows, axis=1, batch_dims=1), columns, axis=2, batch_dims=1)


def _to_float(frames: tf.Tensor) -> tf.Tensor:
    """[F, H, W, 3] uint8 -> float32 in [-1, 1], at most about _SIZE pixels high and wide, by area means."""
    factors = [max(1, length // _SIZE) for length in frames.shape[1:3]]
    return tf.nn.avg_pool2d(tf.cast(frames, tf.float32) / 127.5 - 1, factors, factors, "SAME")
