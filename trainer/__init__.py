"""MoCoGAN: configuration, networks, losses, optimizer, loop, checkpoints, diagnostics and export."""
