"""MoCoGanTrainer: TFX's Trainer with a checkpoint output and metrics as custom properties."""
