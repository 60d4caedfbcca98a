"""HTML report pages: base template, style sheet, charts and text filters that all pages share."""
