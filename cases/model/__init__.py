"""What a case states: an input, an operation with its parameters, the rules, and what is expected."""
