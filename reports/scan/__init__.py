"""Scanning a model file for its pooling layers."""
