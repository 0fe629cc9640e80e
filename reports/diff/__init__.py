"""Comparing two files of rows."""
