"""VideoEvaluator: samples the exported SavedModel, shows it, measures it, and blesses it or not."""
