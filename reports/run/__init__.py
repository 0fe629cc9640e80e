"""One run: cases on targets, answers judged into rows."""
