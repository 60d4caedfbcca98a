"""VideoEvaluator: samples the exported SavedModel, measures the clips, and decides on the blessing."""
