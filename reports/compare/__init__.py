"""Compares the poolings of two models, pair by pair."""
