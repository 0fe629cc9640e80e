"""Runs cases on the workers of a Dask cluster."""
