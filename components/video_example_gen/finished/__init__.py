"""What earlier ingests have finished, and how a new one takes it over."""
