"""The reader: YAML spec files become cases, or mistakes with a file and a line."""
