"""Checkpoints: the whole training state, written aside and renamed by TensorFlow, the last few kept."""

from __future__ import annotations

import tensorflow as tf

from trainer.training_state import TrainingState

_KEPT = 3


class Checkpoints:
    """The checkpoints of one training in a folder."""

    def __init__(self, state: TrainingState, folder: str) -> None:
        self._step = state.step
        self._manager = tf.train.CheckpointManager(
            tf.train.Checkpoint(state=state), folder, max_to_keep=_KEPT
        )

    def restore(self) -> int:
        """Loads the newest checkpoint, if there is one; the number of steps done.

        Raises ValueError when it belongs to other networks.
        """
        newest = self._manager.latest_checkpoint
        if newest:
            try:
                self._manager.checkpoint.restore(newest).assert_consumed()
            except (AssertionError, ValueError) as error:
                raise ValueError(
                    f"{newest} holds other networks than these: use another folder or the "
                    f"hyper-parameters it was trained with ({error})"
                ) from error
        return int(self._step.numpy())

    def save(self) -> None:
        """Writes the state as it is now."""
        self._manager.save(checkpoint_number=int(self._step.numpy()))
