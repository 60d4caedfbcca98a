"""What the networks minimize."""
