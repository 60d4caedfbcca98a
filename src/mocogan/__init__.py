"""MoCoGAN video generation on TensorFlow Extended.

The packages lie at the top of the repository; the links beside this file put them under one import name, so that a
project with a folder `data` or `pipeline` of its own can use them.
"""
