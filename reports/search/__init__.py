"""Search for unknown bugs: questions that nobody wrote down, and the answers that no rule explains."""
