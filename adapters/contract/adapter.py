"""The class that an adapter is an instance of: how one framework is asked."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from ...cases.model.layers import Layer
from ...cases.model.pool import FIRST
from .ask import OPEN, Ask, Feature, Form, Gap, Target, UndeclaredGap, Unsupported
from .call import Call, Ref, Step, Steps
from .compose import Move, array_moves, as_function, form_steps, in_mode, moved_axes, reorder_shape
from .model_files import Pooling
from .random_values import Maker
from .verbs import Verb, Vocabulary


class Adapter:
    """One framework. A subclass gives the data and overrides only what differs.

    A target is asked in four ways: `call` gives `y` and, where they are wanted, `indices`;
    `gradient` that of the input for a `cotangent` of the output; `inferred` the shape of the output,
    found without running; and `index_base` says what an index counts.
    """

    targets: ClassVar[tuple[Target, ...]]
    layout: ClassVar[str | None] = FIRST
    """How the framework writes arrays when nothing is said; None if it has no notion of channels."""
    unbatched: ClassVar[bool] = False
    """Whether inputs may lack the batch axis."""
    arrive: ClassVar[str | None] = None
    """The function that makes a NumPy array native."""
    leave: ClassVar[str | None] = None
    """The function, or '.method', that makes a native result a NumPy array."""
    forms: ClassVar[Mapping[str, Form]] = {}
    gaps: ClassVar[tuple[Gap, ...]] = ()
    layers: ClassVar[Mapping[str, Layer]] = {}
    vocabulary: ClassVar[Vocabulary | None] = None
    """The framework's own functions for what recipes do around a pooling."""
    title: ClassVar[str] = ""
    """The name of the framework as its makers write it."""
    environment_prefixes: ClassVar[tuple[str, ...]] = ()
    """How the names of environment variables begin that can change what the framework answers; those that begin with the name of a distribution always count."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names that people call the framework by; the table of pairs uses the first."""
    reference: ClassVar[bool] = False
    """Whether this is the definition itself: it answers for frameworks that are not installed, and is not in the table of pairs."""
    variant_of: ClassVar[str | None] = None
    """The framework whose functions these are, under another name; the table of pairs has that one alone."""
    printed_prefix: ClassVar[str] = ""
    """A regular expression for what stands before a layer where the framework prints it."""
    random_values: ClassVar[Mapping[str, Maker]] = {}
    """How values of layers' arguments are drawn at random where the defaults do not fit, by the argument's name or its meaning."""
    random_unbatched: ClassVar[float] = 0.0
    """The share of random layers whose input has no batch axis."""
    model_suffixes: ClassVar[tuple[str, ...]] = ()
    """The suffixes of the model files that `read_model` reads."""
    module_lister: ClassVar[str] = ""
    """The dotted name of a function that a worker calls with 'package.module:name' and an input, to list a model's pooling layers."""

    @property
    def framework(self) -> str:
        """The name that layers' spellings and the ledger know the framework by: that of its folder or of its file."""
        module = type(self).__module__.removesuffix(".adapter")
        return module.rpartition(".")[2]

    @property
    def file(self) -> str:
        """The path of the file whose class this is, for messages."""
        return str(sys.modules[type(self).__module__].__file__)

    @property
    def short_name(self) -> str:
        """What people call the framework: its first alias, or its own name."""
        return next(iter(self.aliases), self.framework)

    def call(self, ask: Ask, target: Target | None = None) -> Call:
        """Translate one case, or raise `Unsupported`; without a target, operations are done one at a time."""
        plain, move = self.translate(ask)
        further = ("indices",) if "indices" in ask.shapes else ()
        moves = array_moves(move, ("x", *further), ask.results if self.keeps_axes(ask) else ())
        return replace(in_mode(plain, target), moves=moves)

    def gradient(self, ask: Ask, target: Target) -> Call:
        """The gradient of the input, written as that is, for a `cotangent` that is written as the output; or `Unsupported`."""
        plain, move = self.translate(replace(ask, wants=frozenset()))
        further = tuple(name for name, goes in (("indices", "indices" in ask.shapes), ("cotangent", self.keeps_axes(ask))) if goes)
        steps = (*as_function(plain, target), *self.gradient_steps(ask, target))
        return Call(steps, array_moves(move, ("x", *further), ("gradient",)), ("gradient",), plain.notes)

    def inferred_shape(self, ask: Ask, target: Target) -> Call:
        """The shape of the output as the framework infers it without running, or `Unsupported`."""
        plain, move = self.translate(replace(ask, wants=frozenset()))
        further = ("indices",) if "indices" in ask.shapes else ()
        steps = self.inference_steps(ask, plain, target) + (reorder_shape(len(ask.shape), move) if move and self.keeps_axes(ask) else ())
        return Call(steps, array_moves(move, ("x", *further), ()), ("inferred_shape",), plain.notes)

    def index_base(self, ask: Ask, target: Target) -> str:
        """What an index counts, for results and for the indices of an un-pooling: a value of that axis."""
        return "plane"

    def literal_call(self, name: str, arguments: Mapping[str, Any], target: Target | None = None) -> Call:
        """The source's own text as a call: a layer built, and called on the input as it stands."""
        return in_mode(Call((Step("layer", name, (), dict(arguments)), Step("y", "layer", (Ref("x"),)))), target)

    def layer_of(self, name: str, call: ast.Call) -> tuple[str, ast.Call]:
        """The layer that a call of something else stands for, and its arguments: a function's or a node's; other calls as they are."""
        return name, call

    def plain_arguments(self, name: str, call: ast.Call, shape: Sequence[int], dtype: str) -> ast.Call:
        """The call of a layer on an input with nothing but arguments of its signature, where people write more or leave it to the input."""
        return call

    def hint(self, text: str) -> str:
        """Advice about a text that is no known layer; empty if there is none."""
        return ""

    def read_model(self, path: Path) -> list[Pooling]:
        """The pooling layers of a file with one of `model_suffixes`, without running anything; raises `BadModel`."""
        raise NotImplementedError(f"{type(self).__module__} has model_suffixes; expected a method read_model")

    def gradient_steps(self, ask: Ask, target: Target) -> Steps:
        """The steps from a function `f`, its `x`, and a `cotangent` to the `gradient`; an adapter's page need not have any."""
        self.wholly_unsupported(ask, "gradient")

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """All the steps of a call that leave the `inferred_shape` instead of an output: a sequence of sizes, None or text if unknown."""
        self.wholly_unsupported(ask, "inferred_shape")

    def to_native(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The steps that make a NumPy array of this type native."""
        return (Step(name, self.arrive, (Ref(name),)),) if self.arrive else ()

    def to_numpy(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The steps that make a native result of an input of this type a NumPy array; an inferred shape is none of the framework's."""
        if self.leave is None or name == "inferred_shape":
            return ()
        return (Step(name, name + self.leave) if self.leave.startswith(".") else Step(name, self.leave, (Ref(name),)),)

    def recipe_steps(self, ask: Ask, verbs: Sequence[Verb]) -> Steps:
        """The steps of a recipe, from `x` to `y`, where the framework has no function for each verb; or `Unsupported`."""
        if [verb.name for verb in verbs] != ["pool"]:
            raise Unsupported(Gap("*", "vocabulary", f"{self.framework} is asked for its poolings alone", ""))
        return self.translate(replace(ask, pool=verbs[0].args[1]))[0].steps

    def keeps_axes(self, ask: Ask) -> bool:
        """Whether the answer has as many axes as the input."""
        return ask.pool.op != "flatten" and (not ask.pool.op.startswith("global") or ask.pool.keepdims is True)

    def translate(self, ask: Ask) -> tuple[Call, Move | None]:
        """The operation by itself, its arrays in a layout that the target takes, and the move that brings them there."""
        form = self.form(ask)
        if not (ask.batched or self.unbatched or form.takes_any_layout):
            self.unsupported(ask, "batched", "false")
        if "indices" in ask.wants and form.indices is None:
            self.unsupported(ask, "indices")
        for name in form.arrays:
            if name not in ask.shapes:
                self.unsupported(ask, name, OPEN)
        ask, move = self.arrange(ask, form)
        steps, notes = self.operation_steps(ask, form)
        return Call(steps, results=ask.results, notes=notes), move

    def form(self, ask: Ask) -> Form:
        """The form of an operation: the one for this rank, or the one for all."""
        op = ask.pool.op
        return self.forms.get(f"{op}{ask.rank}") or self.forms.get(op) or self.unsupported(ask, "op")

    def arrange(self, ask: Ask, form: Form) -> tuple[Ask, Move | None]:
        """The case with its arrays in a layout the target takes, and the move that brings them there."""
        if self.layout in (None, ask.layout) or form.takes_any_layout or ("data_format" in form.names and ask.pool.data_format):
            return ask, None
        if ask.pool.data_format:
            self.unsupported(ask, "data_format", ask.pool.data_format)
        first, last = int(ask.batched), len(ask.shape) - 1
        move = (first, last) if ask.layout == FIRST else (last, first)
        shape = tuple(ask.shape[axis] for axis in moved_axes(len(ask.shape), move))
        return replace(ask, shape=shape, layout=self.layout), move

    def operation_steps(self, ask: Ask, form: Form) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The steps of an operation, and sentences about what was filled in."""
        kwargs, notes = self.arguments(ask, form)
        return form_steps(form, ask, kwargs), notes

    def arguments(self, ask: Ask, form: Form) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The native arguments of an operation, and sentences about what was filled in."""
        stated = {name: value for name, value in ask.pool.stated().items() if self.has_counterpart(name, ask, form)}
        filled = {name: self.neutral_value(name, ask) for name in form.required if name not in stated}
        notes = tuple(f"{name} was left open; the target requires it and got {value!r}" for name, value in filled.items())
        kwargs = {form.names[name]: self.value(name, value, ask) for name, value in (stated | filled).items()}
        if form.axes:
            kwargs = {form.axes: ask.spatial} | kwargs
        return {**self.fixed_arguments(ask, form), **kwargs}, notes

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The arguments that an operation is given where the case states nothing else."""
        return {**form.fixed, **form.indices} if form.indices and "indices" in ask.wants else form.fixed

    def neutral_value(self, name: str, ask: Ask) -> Any:
        """The value of a parameter that changes nothing, or `Unsupported` if there is none."""
        if name == "padding":
            return "valid"
        if name != "dilation" and (name, ask.pool.op) != ("stride", "conv"):
            self.unsupported(ask, name, OPEN)
        return (1,) * ask.rank

    def has_counterpart(self, name: str, ask: Ask, form: Form) -> bool:
        """Whether a stated parameter has a counterpart; `Unsupported` if it has none and needs one."""
        if name in form.names:
            return True
        if (name, ask.pool.op) == ("kernel", "conv"):
            return False  # the weights have one
        if not ask.pool.neutral(name) and not (name == "data_format" and (form.takes_any_layout or self.layout in (None, ask.layout))):
            self.unsupported(ask, name)
        return False

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value as the framework writes it, or `Unsupported`."""
        return value

    def unsupported(self, ask: Ask, parameter: str, state: str = "", beside: str = "") -> NoReturn:
        """Raise `Unsupported` with the declared gap behind a feature; `UndeclaredGap` where the page declares none."""
        self.raise_declared_gap(ask, parameter, state, beside)
        raise UndeclaredGap(
            f"{self.file}: no counterpart of {Feature(parameter, state, beside)} for {ask.pool.op} with {ask.rank} spatial axes; "
            "expected a form that has it, or a Gap with code that fails"
        )

    def wholly_unsupported(self, ask: Ask, parameter: str) -> NoReturn:
        """Raise `Unsupported` for what an adapter's page leaves out as a whole, declared as a gap or not."""
        self.raise_declared_gap(ask, parameter)
        raise Unsupported(Gap("*", parameter, f"{self.framework} is not asked for this", ""))

    def raise_declared_gap(self, ask: Ask, parameter: str, state: str = "", beside: str = "") -> None:
        """Raise `Unsupported` if a gap is declared for a feature."""
        feature = Feature(parameter, state, beside)
        for gap in self.gaps:
            if gap.feature == feature and gap.covers(ask.pool.op, ask.rank):
                raise Unsupported(gap)

    def count_parameters(self, scope: Mapping[str, Any]) -> int | None:
        """How many numbers the layer learns, None where there is no layer; called in the worker."""
        return None
