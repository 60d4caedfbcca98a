"""HTML report pages: the base template, style sheet, charts and text filters of all pages."""
