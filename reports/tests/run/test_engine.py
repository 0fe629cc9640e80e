"""The engine ends with an error if a host does: a wait for its answers never lasts for ever."""

from pathlib import Path

import pytest

from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.cases.read.spec import read_spec
from poolparity.reports.ledger.suite import SPECS
from poolparity.reports.run.engine import Engine
from poolparity.reports.run.plan import PlannedCall

pytestmark = pytest.mark.process


def test_what_stops_a_host_is_raised_where_its_answers_are_waited_for(monkeypatch):
    def fail(planned_call, case, answer):
        raise ZeroDivisionError("no positions")

    monkeypatch.setattr(PlannedCall, "with_plane_indices", fail)
    entries = find_targets()
    case = read_spec(Path(SPECS) / "max_pool" / "stride.yaml", layers_of(entries)).cases[0]
    engine = Engine(select_targets(["numpy"], entries))
    engine.feed("numpy", [case])
    with pytest.raises(ZeroDivisionError, match="no positions"):
        engine.rows(case, "numpy")
    with pytest.raises(ZeroDivisionError), engine:
        pass
