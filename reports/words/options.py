"""Help texts of the options that pytest and the commands have in common, so that both say the same."""

HELP = {
    "--target": "Run only this target, or the targets of this group, and ask them every case. Repeatable; * and ? are wildcards; NAME@PYTHON runs it in another interpreter.",
    "--tier": "Run the cases of this tier and of those below it.",
    "--shard": "Run only part I of N disjoint parts of the cases.",
    "--rows": "Write every answer to FILE as JSON lines.",
    "--report": "Write the HTML compatibility report to FILE.",
    "--ledger": "Read further known differences from the YAML files in FOLDER. Repeatable.",
    "--adapter": "Load a further adapter from a Python file. Repeatable.",
    "--cluster": "Run on the workers of a Dask cluster: the address of its scheduler, or local:N for N processes on this machine.",
    "--no-cache": "Neither read nor write the answer cache.",
    "--case-timeout": "Time limit for one case.",
    "--start-timeout": "Time limit for starting a framework.",
    "--memory-limit": "Memory limit for the process of a framework.",
}
