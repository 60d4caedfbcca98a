"""ReportGen: from an evaluation and a training to a report page and a model card."""
