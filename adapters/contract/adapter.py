"""The class of adapters: how one framework is called."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from ...cases.model.case import BATCH_IN_INDEX, FUNCTION, GRADIENT_OPERATION
from ...cases.model.layers import Layer
from ...cases.model.pool import FIRST, Pool
from .ask import OPEN, Ask, Feature, Form, Gap, LayerClass, Target, UndeclaredGap, Unsupported
from .call import Call, Ref, Step, Steps
from .compose import Move, array_moves, as_function, form_steps, in_mode, moved_axes, reorder_shape
from .model_files import ModelContents
from .random_values import Maker
from .verbs import Verb, Vocabulary


class Adapter:
    """One framework. A subclass provides data, and overrides only the methods that differ.

    poolparity uses `call` for the output `y` and, where they are wanted, the `indices`; `gradient` for the gradient of the
    input, given a `cotangent` of the output; `inferred_shape` for the shape of the output without running; `literal_call`
    for a layer as its source writes it; and `index_base` for what an index counts. The other methods are parts of these.
    """

    targets: ClassVar[tuple[Target, ...]]
    layout: ClassVar[str | None] = FIRST
    """The axis order of arrays unless an argument says otherwise; None if the framework has no notion of channels."""
    unbatched: ClassVar[bool] = False
    """Whether inputs may lack the batch axis."""
    arrive: ClassVar[str | None] = None
    """The dotted name of the function that converts a NumPy array to a native one; None if NumPy arrays are taken as they are."""
    leave: ClassVar[str | None] = None
    """The dotted name of the function, or '.method', that converts a native result to a NumPy array; None if none is needed."""
    forms: ClassVar[Mapping[str, Form]] = {}
    """How each operation is called, by its name ('max_pool'), or by name and rank ('avg_pool1') where ranks differ."""
    function_forms: ClassVar[Mapping[str, Form]] = {}
    """The functions that users call instead of what is in `forms`, likewise; for cases about functions."""
    gradient_operations: ClassVar[Mapping[str, str]] = {}
    """The framework's own operations for gradients by operation and rank ('max_pool2'), for cases about them; see `gradient_operation_steps`."""
    counts_batch: ClassVar[bool] = False
    """Whether an argument has the indices of maxima count the batch, for cases about that; `index_base` knows what they count then."""
    gaps: tuple[Gap, ...] = ()
    """What the framework does not have."""
    layers: ClassVar[Mapping[str, Layer]] = {}
    """The layers that specs and `port` can read, by their dotted names."""
    functions: ClassVar[Mapping[str, Layer]] = {}
    """Functions that only `port`, `explain` and `scan` read, by their dotted names: they do what a layer, or a form, does."""
    plain_names: ClassVar[bool] = True
    """Whether the name of a layer without its module, such as 'MaxPool2d', may mean this framework's."""
    methods: ClassVar[Mapping[str, str]] = {}
    """Methods of the framework's arrays that pool, and the functions among `functions` that do the same."""
    layer_class: ClassVar[LayerClass | None] = None
    """The class of layers that a recipe is printed as, if the framework has one."""
    counts_padding: ClassVar[bool | None] = None
    """Whether averages count padding, in a framework that has no argument for it; None if there is one, or no such average."""
    idle_arguments: ClassVar[Mapping[str, Any]] = {}
    """Arguments that adapters always write, and that lines to paste leave out where they state the framework's default."""
    reductions: ClassVar[Mapping[str, Form]] = {}
    """How a global pooling is called that its source writes as a reduction over axes, if not as its form says."""
    sums: ClassVar[Form | None] = None
    """How a sum over the spatial axes is called: a global average that is divided by one."""
    vocabulary: ClassVar[Vocabulary | None] = None
    """The framework's functions for what recipes of `port` do around a pooling; None if `recipe_steps` is overridden."""
    title: ClassVar[str] = ""
    """The name of the framework as its makers write it."""
    ledger_versions: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """The releases whose answers the ledger knows, in ascending order, by the distribution: '2.21' is every 2.21.x. A run names others."""
    environment_prefixes: ClassVar[tuple[str, ...]] = ()
    """Prefixes of environment variables that can change an answer; names that begin with that of a distribution always count."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names for `--to`; the table of pairs uses the first."""
    reference: ClassVar[bool] = False
    """Whether this is the reference itself: it answers for frameworks that are not installed, and is not in the table of pairs."""
    family: ClassVar[str] = ""
    """What the report shows as one group of columns, and --target selects by one name; the framework unless given (see `group`)."""
    variant_of: ClassVar[str | None] = None
    """The framework that this is another interface or another runtime of; the table of pairs contains only that one."""
    random_values: ClassVar[Mapping[str, Maker]] = {}
    """Random values of layers' arguments where the defaults do not fit, by the argument's name or its meaning."""
    random_unbatched: ClassVar[float] = 0.0
    """The fraction of random layers whose input has no batch axis."""
    model_suffixes: ClassVar[tuple[str, ...]] = ()
    """The suffixes of the model files that `read_model` reads."""
    module_lister: ClassVar[str] = ""
    """The dotted name of a function that lists the pooling layers of a model; a worker calls it with 'package.module:name' and an input."""

    @property
    def framework(self) -> str:
        """The name of the framework: that of its folder or file."""
        module = type(self).__module__.removesuffix(".adapter")
        return module.rpartition(".")[2]

    @property
    def file(self) -> str:
        """The path of the file whose class this is, for messages."""
        return str(sys.modules[type(self).__module__].__file__)

    @property
    def group(self) -> str:
        """The group of all its targets: the family, or the framework, which is another interface's own if this is a variant."""
        return self.family or self.variant_of or self.framework

    @property
    def short_name(self) -> str:
        """The first alias, or the name of the framework."""
        return next(iter(self.aliases), self.framework)

    def call(self, ask: Ask, target: Target | None = None) -> Call:
        """Translate a case to a call in the target's mode (eagerly without a target); raises `Unsupported`."""
        if ask.entry == GRADIENT_OPERATION and target and target.mode:
            self.wholly_unsupported(ask, GRADIENT_OPERATION)  # such an operation is called by itself alone
        eager, move = self.translate(ask)
        extra_names = ("indices",) if "indices" in ask.shapes else ()
        moves = array_moves(move, ("x", *extra_names), ask.results if self.keeps_axes(ask) else ())
        return replace(in_mode(eager, target), moves=moves)

    def gradient(self, ask: Ask, target: Target) -> Call:
        """Translate a case to a call that gives the `gradient` of the input for a `cotangent` of the output; raises `Unsupported`.

        The gradient has the layout of the input, and the cotangent that of the output.
        """
        eager, move = self.translate(replace(ask, wants=frozenset()))
        extra_names = tuple(
            name for name, is_taken in (("indices", "indices" in ask.shapes), ("cotangent", self.keeps_axes(ask))) if is_taken
        )
        if ask.entry == GRADIENT_OPERATION:
            if target.mode:
                self.wholly_unsupported(ask, GRADIENT_OPERATION)
            steps = self.gradient_operation_steps(ask, eager, target)
        else:
            steps = (*as_function(eager, target), *self.gradient_steps(ask, target))
        return Call(steps, array_moves(move, ("x", *extra_names), ("gradient",)), ("gradient",), eager.notes)

    def inferred_shape(self, ask: Ask, target: Target) -> Call:
        """Translate a case to a call that gives the shape of the output without running the operation; raises `Unsupported`."""
        if ask.entry == GRADIENT_OPERATION:
            self.wholly_unsupported(ask, "inferred_shape")
        eager, move = self.translate(replace(ask, wants=frozenset()))
        extra_names = ("indices",) if "indices" in ask.shapes else ()
        steps = self.inference_steps(ask, eager, target) + (reorder_shape(len(ask.shape), move) if move and self.keeps_axes(ask) else ())
        return Call(steps, array_moves(move, ("x", *extra_names), ()), ("inferred_shape",), eager.notes)

    def index_base(self, ask: Ask, target: Target) -> str:
        """What the target's indices count, a value of the axis `index_base`: for results, and for the input of an un-pooling."""
        return "plane"

    def literal_call(self, name: str, arguments: Mapping[str, Any], target: Target | None = None) -> Call:
        """A layer exactly as its source writes it, as a call: built, then applied to the input."""
        return in_mode(Call((Step("layer", name, (), dict(arguments)), Step("y", "layer", (Ref("x"),)))), target)

    def layer_of(self, name: str, call: ast.Call) -> tuple[str, ast.Call]:
        """Replace a call of a function that does the same as a layer by that layer: its dotted name and its arguments.

        Other calls are returned unchanged.
        """
        return name, call

    def as_python(self, text: str) -> str:
        """A text with Python in place of what the framework's tools print for the layers of a model."""
        return text

    def plain_arguments(self, name: str, call: ast.Call, shape: Sequence[int | None], dtype: str) -> ast.Call:
        """Reduce the call of a layer to arguments of its signature, for an input of some type and shape, as far as that is known."""
        return call

    def resolve(self, call: ast.Call, values: Mapping[str, ast.expr]) -> ast.Call:
        """Replace what a call names by its expression in the rest of the text, whose assignments are `values`."""
        return call

    def hint(self, text: str) -> str:
        """Advice to append to the message about an unknown layer; empty if there is none."""
        return ""

    def read_model(self, path: Path) -> ModelContents:
        """Read the poolings of a model file, without running anything in it; raises `BadModel`."""
        raise NotImplementedError(f"{type(self).__module__} has model_suffixes; expected a method read_model")

    def gradient_steps(self, ask: Ask, target: Target) -> Steps:
        """The steps that compute `gradient` from a function `f`, its argument `x`, and a `cotangent`; optional for an adapter."""
        self.wholly_unsupported(ask, "gradient")

    def gradient_operation_steps(self, ask: Ask, forward: Call, target: Target) -> Steps:
        """The steps from `x` and a `cotangent` to the `gradient` by an operation of `gradient_operations`, with the arguments of a call."""
        raise NotImplementedError(f"{type(self).__module__} has gradient_operations; expected a method gradient_operation_steps")

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The steps of a call that give `inferred_shape` instead of an output: a sequence of sizes, None or text where one is unknown."""
        self.wholly_unsupported(ask, "inferred_shape")

    def to_native(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The steps that convert the NumPy array `name` of some type to a native array."""
        return (Step(name, self.arrive, (Ref(name),)),) if self.arrive else ()

    def to_numpy(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The steps that convert the native result `name`, computed from an input of some type, to a NumPy array."""
        if self.leave is None or name == "inferred_shape":
            return ()
        return (Step(name, name + self.leave) if self.leave.startswith(".") else Step(name, self.leave, (Ref(name),)),)

    def snippet_parts(self, steps: Steps) -> tuple[Steps, Mapping[str, str]]:
        """The steps of a call that belong into a program of a user, and what they make instead of `y`, by name as expressions."""
        return steps, {}

    def recipe_steps(self, ask: Ask, verbs: Sequence[Verb]) -> Steps:
        """The steps of a recipe from `x` to `y`, for a framework without a `vocabulary`; raises `Unsupported`."""
        if [verb.name for verb in verbs] != ["pool"]:
            raise Unsupported(Gap("*", "vocabulary", f"{self.framework} is asked for its poolings alone", ""))
        return self.translate(replace(ask, pool=verbs[0].args[1]))[0].steps

    def keeps_axes(self, ask: Ask) -> bool:
        """Whether the answer has as many axes as the input."""
        return ask.pool.op != "flatten" and (not ask.pool.op.startswith("global") or ask.pool.keepdims is True)

    def translate(self, ask: Ask) -> tuple[Call, Move | None]:
        """Translate the operation without a mode: the call, and how the channel axis is moved to a layout that the target takes."""
        form = self.form(ask)
        if not (ask.batched or self.unbatched or form.takes_any_layout):
            self.unsupported(ask, "batched", "false")
        if "indices" in ask.wants and form.indices is None:
            self.unsupported(ask, "indices")
        for name in form.arrays:
            if name not in ask.shapes:
                self.unsupported(ask, name, OPEN)
        has_operation = self.reference or f"{ask.pool.op}{ask.rank}" in self.gradient_operations
        if ask.entry == GRADIENT_OPERATION and not has_operation:
            self.wholly_unsupported(ask, GRADIENT_OPERATION)
        counts_batch = self.reference or (self.counts_batch and "indices" in ask.wants)
        if ask.entry == BATCH_IN_INDEX and not counts_batch:
            self.wholly_unsupported(ask, BATCH_IN_INDEX)
        if "mask" in ask.shapes and "mask" not in form.arrays and not self.reference:
            self.wholly_unsupported(ask, "mask")
        ask, move = self.arrange(ask, form)
        steps, notes = self.operation_steps(ask, form)
        return Call(steps, results=ask.results, notes=notes), move

    def form(self, ask: Ask) -> Form:
        """The form of the operation for this rank, or for all ranks."""
        op = ask.pool.op
        if ask.entry == FUNCTION:
            return self.function_forms.get(f"{op}{ask.rank}") or self.function_forms.get(op) or self.wholly_unsupported(ask, FUNCTION)
        if is_sum(ask.pool) and self.sums:
            return self.sums
        if ask.reduction and op in self.reductions:
            return self.reductions[op]
        return self.forms.get(f"{op}{ask.rank}") or self.forms.get(op) or self.unsupported(ask, "op")

    def arrange(self, ask: Ask, form: Form) -> tuple[Ask, Move | None]:
        """The case in a layout that the target takes, and how the channel axis is moved to get there."""
        if self.layout in (None, ask.layout) or form.takes_any_layout or ("data_format" in form.names and ask.pool.data_format):
            return ask, None
        if ask.pool.data_format:
            self.unsupported(ask, "data_format", ask.pool.data_format)
        first, last = int(ask.batched), len(ask.shape) - 1
        move = (first, last) if ask.layout == FIRST else (last, first)
        shape = tuple(ask.shape[axis] for axis in moved_axes(len(ask.shape), move))
        return replace(ask, shape=shape, layout=self.layout), move

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """The steps of an operation, and notes on arguments that were filled in."""
        kwargs, notes = self.arguments(ask, form)
        return form_steps(form, ask, kwargs), notes

    def arguments(self, ask: Ask, form: Form) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The native arguments of an operation, and notes on those that were filled in."""
        parameters = {name: value for name, value in ask.pool.stated_parameters().items() if self.has_counterpart(name, ask, form)}
        neutral_values = {name: self.neutral_value(name, ask) for name in form.required if name not in parameters}
        notes = tuple(f"{name} was left open; the target requires it and got {value!r}" for name, value in neutral_values.items())
        kwargs = {form.names[name]: self.value(name, value, ask) for name, value in (parameters | neutral_values).items()}
        if form.axes:
            kwargs = {form.axes: ask.spatial} | kwargs
        return {**self.fixed_arguments(ask, form), **kwargs}, notes

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The arguments that an operation always gets, unless the case states them."""
        return {**form.fixed, **form.indices} if form.indices and "indices" in ask.wants else form.fixed

    def neutral_value(self, name: str, ask: Ask) -> Any:
        """The value of a parameter that has no effect; raises `Unsupported` if there is none."""
        if name == "padding":
            return "valid"
        if name != "dilation" and (name, ask.pool.op) != ("stride", "conv"):
            self.unsupported(ask, name, OPEN)
        return (1,) * ask.rank

    def has_counterpart(self, name: str, ask: Ask, form: Form) -> bool:
        """Whether the framework has an argument for a stated parameter; raises `Unsupported` if it has none and needs one."""
        if name in form.names:
            return True
        if (name, ask.pool.op) == ("kernel", "conv"):
            return False  # the weights have one
        if name == "count_include_pad" and ask.pool.count_include_pad is self.counts_padding:
            return False  # there is no other average
        if name == "divisor_override" and is_sum(ask.pool) and self.sums:
            return False  # a sum has none
        if not ask.pool.neutral(name) and not (name == "data_format" and (form.takes_any_layout or self.layout in (None, ask.layout))):
            self.unsupported(ask, name)
        return False

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value as the framework writes it; raises `Unsupported` if it cannot."""
        return value

    def unsupported(self, ask: Ask, parameter: str, state: str = "", beside: str = "") -> NoReturn:
        """Raise `Unsupported` with the declared gap of a feature, or `UndeclaredGap` if none is declared."""
        self.raise_declared_gap(ask, parameter, state, beside)
        raise UndeclaredGap(
            f"{self.file}: no counterpart of {Feature(parameter, state, beside)} for {ask.pool.op} with {ask.rank} spatial axes; "
            "expected a form that has it, or a Gap with code that fails"
        )

    def wholly_unsupported(self, ask: Ask, parameter: str) -> NoReturn:
        """Raise `Unsupported` for a feature that an adapter may leave out without declaring a gap."""
        self.raise_declared_gap(ask, parameter)
        raise Unsupported(Gap("*", parameter, f"{self.framework} is not asked for this", ""))

    def raise_declared_gap(self, ask: Ask, parameter: str, state: str = "", beside: str = "") -> None:
        """Raise `Unsupported` if a gap is declared for a feature."""
        feature = Feature(parameter, state, beside)
        for gap in self.gaps:
            if gap.feature == feature and gap.covers(ask.pool.op, ask.rank):
                raise Unsupported(gap)

    def count_parameters(self, scope: Mapping[str, Any]) -> int | None:
        """The number of trainable values of the layer in `scope`, None if there is no layer; runs in the worker."""
        return None


def is_sum(pool: Pool) -> bool:
    """Whether a pooling is the sum over all spatial axes: a global average that is divided by one."""
    return pool.op == "global_avg_pool" and pool.divisor_override == 1
