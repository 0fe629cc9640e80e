"""Multiplies a file of rows, so that what is made of rows can be tried at any size: `python multiply.py ROWS COUNT OUTPUT`.

The cases are those of the file, again and again under further names, until there are so many rows.
"""

import json
import sys
from itertools import count
from pathlib import Path


def multiply(lines, rows):
    """The lines of a file with so many rows."""
    header, *rest = lines
    by_case = {}
    for line in rest:
        if line["record"] in ("case", "row"):
            by_case.setdefault(line["case"], []).append(line)
    yield header
    names, remaining = set(), rows
    for again in count():
        for case, case_lines in by_case.items():
            copied_lines = [line for line in case_lines if line["record"] == "case"] + [
                line for line in case_lines if line["record"] == "row"
            ][:remaining]
            if remaining <= 0:
                yield {"record": "footer", "cases": len(names), "rows": rows}
                return
            remaining -= len(copied_lines) - 1
            name = f"{case}-{again}" if again else case
            names.add(name)
            yield from ({**line, "case": name} for line in copied_lines)


if __name__ == "__main__":
    source, row_count, target = sys.argv[1:]
    with Path(source).open(encoding="utf-8") as stream, Path(target).open("w", encoding="utf-8") as output:
        output.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in multiply(map(json.loads, stream), int(row_count)))
