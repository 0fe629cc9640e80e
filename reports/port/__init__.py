"""Porting: what to write in another framework to get what a layer gives."""
