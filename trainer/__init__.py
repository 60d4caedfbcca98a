"""MoCoGAN: hyper-parameters, networks, losses, the train step, the loop, checkpoints and export."""
