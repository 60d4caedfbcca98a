"""Normalization: of layers by batches or latents, of kernels, and of what a discriminator sees."""
