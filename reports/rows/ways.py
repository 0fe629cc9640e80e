"""The ways in which a target is asked a case."""

WAYS = CALL, DROP_IN = "call", "drop_in"
