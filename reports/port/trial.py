"""The trial of a source: its answers to all samples, which those of a target are held against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ...cases.judge.answer import ACCEPTS, Answer
from ...cases.judge.tolerance import Tolerance
from ...cases.model.inputs import Tensor, normal
from .asker import Asker
from .samples import Sample, asked, samples
from .source import Source


@dataclass(frozen=True, eq=False)
class Trial:
    """A source's answers to all samples, the one in the asked shape last."""

    source: Source
    asker: Asker

    @cached_property
    def samples(self) -> list[Sample]:
        """All inputs to which the source has an answer."""
        every = [*samples(self.source.small, ties=self.source.gradient), asked(self.source.ask)]
        answers = self.source.answers(self.asker, every)
        return [sample for sample, answer in zip(every, answers, strict=True) if answer.outcome == ACCEPTS]

    @cached_property
    def due(self) -> dict[Sample, Answer]:
        """What the source gives for each."""
        return dict(zip(self.samples, self.source.answers(self.asker, self.samples), strict=True))

    @cached_property
    def tolerances(self) -> dict[Sample, Tolerance]:
        """How far another answer may be from that."""
        return {sample: self.source.tolerance(sample) for sample in self.samples}

    @cached_property
    def cotangents(self) -> dict[Sample, Tensor]:
        """A cotangent of each output of the input's own type, where a gradient is asked for."""
        outputs = {sample: self.due[sample].output for sample in self.samples if self.source.gradient}
        return {sample: normal(y.shape, 11, sample.tensor.dtype) for sample, y in outputs.items() if y is not None}

    @cached_property
    def slopes(self) -> dict[Sample, Answer]:
        """The source's gradients, of those samples for which it has one."""
        given = list(self.cotangents)
        answers = self.source.gradients(self.asker, given, list(self.cotangents.values()))
        return {sample: answer for sample, answer in zip(given, answers, strict=True) if answer.outcome == ACCEPTS}

    def seen(self) -> list[Sample]:
        """The inputs that a search sees."""
        return [sample for sample in self.samples if not sample.held]

    def held(self) -> list[Sample]:
        """The inputs that it does not see."""
        return [sample for sample in self.samples if sample.held]
