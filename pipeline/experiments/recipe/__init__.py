"""How good one configuration is on several data sets: training, evaluation and one table."""
