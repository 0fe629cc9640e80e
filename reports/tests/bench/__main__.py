"""What poolparity costs, as ratios: `python reports/tests/bench [TABLE...] [--tier TIER]`.

Both sides of a ratio are measured in one run, in turns, and the shortest time of each is taken: other work
on the machine makes times longer and never shorter.
"""

import argparse

from alltogether import all_together
from collecting import collecting
from maxima import maxima
from programs import programs
from sessions import sessions
from working import working

TABLES = {
    "collecting": collecting,
    "working": working,
    "programs": programs,
    "sessions": sessions,
    "maxima": maxima,
    "alltogether": all_together,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"one of {', '.join(TABLES)}; all unless given")
    parser.add_argument("--tier", choices=("smoke", "core", "full"), default="core", help="the largest tier to take (default: core)")
    given = parser.parse_args()
    if unknown := set(given.tables) - set(TABLES):
        parser.error(f"there is no table {', '.join(unknown)}; expected some of {', '.join(TABLES)}")
    for name in given.tables or TABLES:
        TABLES[name](given.tier)
