"""The values of each section of the report page. The templates only lay them out."""
