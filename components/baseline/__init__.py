"""The model a candidate is compared with."""
