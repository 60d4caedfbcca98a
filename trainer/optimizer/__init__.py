"""Adam, the learning-rate schedule, loss scaling and gradient accumulation."""
