"""`mocogan evaluate`: measures a model, or clips of any origin, beside real clips."""
