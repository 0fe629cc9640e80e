"""The terms of this project that the page uses, each with its definition."""

from __future__ import annotations

from ..words.language import mark

GLOSSARY = {
    mark("case"): mark("A pooling layer with an input and, unless it is a probe or only observed, the expected answer. Cases are written in spec files."),
    mark("conformance"): mark("A case whose expected answer follows from the reference rules."),
    mark("probe"): mark("A case that measures which rule a target follows on one axis. No answer to a probe is wrong."),
    mark("claim"): mark("A case that restates a sentence of a document. It is upheld if every attempted target answers as the sentence predicts, contradicted if one differs, and undecided if none was attempted."),
    mark("observe"): mark("A case without an expected answer: what each target does is recorded."),
    mark("target"): mark("A framework in an execution mode, such as <code>torch</code> or <code>torch+compile</code>."),
    mark("group"): mark("Several targets that <code>--target</code> selects by one name and the report shows in one column until it is opened, such as <code>onnx</code> or <code>keras</code>."),
    mark("way"): mark("How a case is passed to a target. Call: all parameters of the case, each by the target's own parameter of that meaning. Drop-in: only the arguments as the source wrote them, passed to the target's nearest layer."),
    mark("attribute"): mark("A part of an answer that is compared: acceptance (an answer or an error), shape, dtype, values, indices, gradient, parameters (how many weights the layer has), and inferred shape (the output shape that a framework predicts without computing the output)."),
    mark("verdict"): mark("How an answer compares with the expected one: agrees, differs, rejects, crashes, times out, measured, unsupported or not run."),
    mark("axis"): mark("A question that frameworks answer differently, such as what NaN does to a maximum. The column Axes of the table is something else: the number of spatial axes of the input."),
    mark("rule"): mark("The answer to the question of an axis. Expected answers follow the reference rules, the first of each axis."),
    mark("pin"): mark("A case pins a rule that it sets instead of the reference rule. The ledger pins an answer that it records."),
    mark("cause"): mark("The fewest changes of rules that reproduce an answer that is not the expected one. A difference that no rule explains is unsteady if the same question got other numbers when it was asked again."),
    mark("fingerprint"): mark("The rules that a target follows on all axes, derived from its answers."),
    mark("ledger"): mark("The record of known differences, each with its reason. An answer that differs and is not in the ledger is unexpected."),
    mark("recipe"): mark("Code that replaces a layer of one framework in another framework. It was run, and its answers were compared."),
    mark("tier"): mark("How much is run: smoke is a part of core, and core is a part of full."),
}  # fmt: skip
"""Definitions by term; a test checks that the page shows all of them."""
