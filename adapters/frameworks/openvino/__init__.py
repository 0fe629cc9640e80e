"""OpenVINO: its adapter and known differences."""
