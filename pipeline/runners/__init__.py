"""What the runner files share."""
