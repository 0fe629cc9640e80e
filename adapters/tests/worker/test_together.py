"""Which cases share a program, and which have one of their own; that they are answered alike either way is a test of the grid."""

import numpy as np
import pytest
from support.together import jobs_of

from poolparity.adapters import Call, Ref, Step
from poolparity.adapters.parent.job import Job, batches
from poolparity.adapters.parent.launch import flags_of
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets

TARGETS = [target for target in select_targets(["*"], find_targets()) if target.target.together > 1]


@pytest.fixture(params=TARGETS, ids=[target.name for target in TARGETS])
def target(request):
    return request.param


def test_gradients_keep_the_programs_that_they_are_printed_with(target):
    several = [job.id for batch in batches(jobs_of(target), target.target) if batch.several for job in batch.jobs]
    assert len(several) > target.target.together
    assert not [name for name in several if name.endswith(("-gradient", "-inferred"))]


def test_what_is_not_compiled_goes_alone(target):
    job = Job("plain", Call((Step("y", "numpy.copy", (Ref("x"),)),)), {"x": np.zeros(1)})
    assert [batch.several for batch in batches([job, job], target.target)] == [False, False]


def test_the_header_tells_how_many_cases_share_a_program(target):
    assert flags_of(target.target, {})["cases in one program"] == str(target.target.together)
