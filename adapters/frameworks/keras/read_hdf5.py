"""Writes the configuration in an HDF5 file of Keras. Run as a script in a limited process: the file is untrusted."""

from __future__ import annotations

import importlib
import sys
from typing import BinaryIO


def read_configuration(stream: BinaryIO) -> str:
    """The JSON of the model in a file; exits with a sentence if the file has none."""
    h5py = importlib.import_module("h5py")
    try:
        with h5py.File(stream, "r") as file:
            configuration = file.attrs.get("model_config")
    except OSError as error:
        raise SystemExit(f"not an HDF5 file ({error})") from None
    if isinstance(configuration, bytes):
        return configuration.decode()
    if not isinstance(configuration, str):
        raise SystemExit("the file has weights and no model")
    return configuration


if __name__ == "__main__":
    sys.stdout.write(read_configuration(sys.stdin.buffer))
