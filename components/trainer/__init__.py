"""MoCoGanTrainer: TFX's Trainer with checkpoints, and its figures as properties of its outputs."""
