"""The galleries that an evaluation draws or chooses."""
