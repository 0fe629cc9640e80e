"""What happens to a pooling that cannot be done."""


class Refused(ValueError):
    """The operation cannot be done as stated."""


class Crashed(Refused):
    """The operation cannot be done as stated, and the rules in force let it take the process along."""
