"""The name of the file with an evaluation. `report` says what is in it, but takes longer to import."""

REPORT_FILE = "evaluation.json"
