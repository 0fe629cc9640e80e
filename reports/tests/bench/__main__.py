"""What poolparity costs, as ratios, and what it finds: `python reports/tests/bench [TABLE...] [--tier TIER] [--layers N]`.

Both sides of a ratio are measured in one run, in turns, and the shortest time of each is taken: other work
on the machine makes times longer and never shorter. Figures with a bound are printed beside it, and kept in .tox/bench.jsonl by
commit and processor.
"""

import argparse

from alltogether import all_together
from collecting import collecting
from fresh import fresh
from further_sizes import further_sizes
from maxima import maxima
from million import million
from ports import ports
from programs import programs
from rediscovery import rediscovery
from sessions import sessions
from whole_run import whole_run
from working import working

TABLES = {
    "collecting": collecting,
    "working": working,
    "programs": programs,
    "sessions": sessions,
    "maxima": maxima,
    "alltogether": all_together,
    "wholerun": whole_run,
}
PORTING = {"ports": ports, "sizes": further_sizes, "million": million}
"""Tables that count what porting gives, and are not of a tier."""
READING = {"fresh": fresh, "rediscovery": rediscovery}
"""Tables that are made only where they are asked for: they read what others have kept, or take an hour."""

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "tables", nargs="*", metavar="TABLE", help=f"one of {', '.join(TABLES | PORTING | READING)}; all but the last two unless given"
    )
    parser.add_argument("--tier", choices=("smoke", "core", "full"), default="core", help="the largest tier to take (default: core)")
    parser.add_argument("--layers", type=int, default=10, help="ports, sizes: so many random layers of each framework (default: 10)")
    parser.add_argument("--seed", type=int, default=0, help="ports, sizes, rediscovery: another draw")
    parser.add_argument("--first", type=int, default=0, help="ports, sizes: leave out so many that come first")
    parser.add_argument("--to", action="append", metavar="FRAMEWORK", help="ports, sizes: to this one only (repeatable)")
    parser.add_argument(
        "--from", dest="start", action="append", metavar="FRAMEWORK", help="ports, sizes: layers of this one only (repeatable)"
    )
    parser.add_argument(
        "--answers", metavar="FILE", help="ports, sizes, rediscovery: append every answer to this file as it comes, as JSON lines"
    )
    parser.add_argument("--ports", metavar="FILE", help="fresh: the code to run, as `poolparity port --table` or --answers wrote it")
    parser.add_argument("--sample", type=int, default=0, help="fresh: so many ports, drawn by --seed (default: all)")
    parser.add_argument("--minutes", type=float, default=60, help="fresh, rediscovery: no longer than this (default: 60)")
    parser.add_argument(
        "--cpu-minutes",
        type=float,
        metavar="N",
        help="rediscovery: end after so many minutes of the processor instead, all workers together",
    )
    parser.add_argument("--target", action="append", metavar="NAME", help="rediscovery: search on this target only (repeatable)")
    parser.add_argument("--shrink", action="store_true", help="rediscovery: shrink finds, as a search does")
    parser.add_argument(
        "--rows", metavar="FILE", help="million: the rows to repeat (default: those of a run on numpy, torch and onnxruntime)"
    )
    parser.add_argument("--count", type=int, default=10**6, help="million: so many rows at least (default: 1000000)")
    options = parser.parse_args()
    if unknown := set(options.tables) - set(TABLES | PORTING | READING):
        parser.error(f"there is no table {', '.join(unknown)}; expected some of {', '.join(TABLES | PORTING | READING)}")
    if "fresh" in options.tables and not options.ports:
        parser.error("fresh needs --ports FILE; expected what `poolparity port --table FILE` or `ports --answers FILE` wrote")
    for name in options.tables or TABLES | PORTING:
        TABLES[name](options.tier) if name in TABLES else (PORTING | READING)[name](options)
