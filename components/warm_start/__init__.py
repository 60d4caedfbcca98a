"""The model whose weights a training starts from."""
