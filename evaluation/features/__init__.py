"""What metrics are computed from: one array per clip set, with a row per clip."""
