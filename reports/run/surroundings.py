"""What a run takes place in: the machine, our own code, the targets with their versions and flags."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata

from ...adapters.parent.launch import flags_of
from ...adapters.parent.processor import read_cpuinfo
from ...adapters.targets.cache_key import flags_set, source_digest
from ...adapters.targets.choose import SelectedTarget
from ..rows.records import Header, empty_header


def describe_surroundings(targets: Mapping[str, SelectedTarget]) -> Header:
    """What runs where, for the first line of the rows."""
    return {
        **empty_header(),
        "suite": metadata.version("poolparity"),
        "source": source_digest(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "cpu_features": cpu_features(),
        "targets": {
            name: {"versions": target.versions, "flags": {**flags_set(os.environ, target), **flags_of(target.target, os.environ)}}
            for name, target in targets.items()
        },
    }


def cpu_features() -> list[str]:
    """The vector extensions of the processor, as the system lists them; none where it lists none."""
    flags = next((line for line in read_cpuinfo() if line.startswith(("flags", "Features"))), "")
    return sorted(flag for flag in flags.partition(":")[2].split() if flag.startswith(("avx", "amx", "sse4", "fma", "asimd", "sve")))
