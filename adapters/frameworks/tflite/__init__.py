"""LiteRT for microcontrollers: its adapter and known differences."""
