"""One folder for each framework: its adapter, its gaps, its layers, and its ledger."""
