"""MoCoGanTrainer: TFX's Trainer with checkpoints, and its metrics as custom properties of its outputs."""
