"""Files that rows are written as: the page, Markdown, CSV, Parquet, a badge."""
