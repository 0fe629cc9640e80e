"""Rows: the stream of JSON lines that every output is made from."""
