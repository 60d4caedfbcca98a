"""The work of `mocogan generate`: from a model to files of clips."""
