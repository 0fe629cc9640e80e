"""Holding rows against the ledger, and keeping the ledger in step with what is measured."""
