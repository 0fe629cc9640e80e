"""The ledger: known differences, each with the answer it expects and the reason."""
