"""Flax NNX: its adapter. Its known differences are in the ledger of Flax."""
