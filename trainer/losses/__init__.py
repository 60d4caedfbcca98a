"""Losses, gradient penalties and augmentation of discriminator inputs."""
