"""VideoEvaluator: samples the exported SavedModel, measures the clips, and blesses the model or not."""
