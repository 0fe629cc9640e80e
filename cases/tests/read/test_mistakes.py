"""What reading a spec says of everything that can be wrong with it, word by word."""

import sys

import pytest

from poolparity.cases.model.inputs import CELL_LIMIT, LARGE_LIMIT, UNIFORM_LIMIT
from poolparity.cases.model.mistake import join_with_or
from poolparity.cases.model.rules import AXIS_VALUES

OPS = (
    "max_pool, avg_pool, lp_pool, global_max_pool, global_avg_pool, global_lp_pool, adaptive_max_pool, adaptive_avg_pool, "
    "max_unpool, fractional_max_pool, upsample_nearest, conv, flatten or input"
)
DTYPES = "float16, bfloat16, float32, float64, int8, uint8, int16, int32, int64 or bool"
PARAMETERS = (
    "kernel, stride, padding, dilation, ceil_mode, count_include_pad, divisor_override, p, output_size, keepdims, data_format or dtype"
)
CASE_KEYS = (
    "about, source, layer, op, pool, input, with, data_format, dtype, batched, memory, digits, entry, output, output_shape, output_dtype, "
    "indices, gradient, parameters, raises, equals, rules, asks, answers, stands, as_written, waiting, matrix, tier or tags"
)
INPUT = "an array, or one of arange, full, distinct and normal: what is pooled, in data_format"
ANSWERS = "a mapping with at least two values of the asked axis, including the reference: the answer under each of them"
CALL = "a layer with literal arguments, as in keras.layers.MaxPooling1D(2)"

X = "input: [[[1, 2, 3]]]"
MAX = f"op: max_pool\n{X}"
K1 = "pool: {kernel: [1]}"


@pytest.fixture
def mistakes(spec):
    """The mistakes of a text, as lines that begin after the name of the file."""
    return lambda text: [f"{mistake.line}: {mistake.what}; expected {mistake.expected}" for mistake in spec(text).mistakes]


@pytest.fixture
def wrong(mistakes):
    """The mistakes of the one case that is made of these keys, the first of which stands in line 3."""
    return lambda keys: mistakes("cases:\n  one:\n" + "".join(f"    {line}\n" for line in keys.splitlines()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "1: the file is empty; expected a mapping with the key cases"),
        (b"# a comment\n", "1: the file contains only comments; expected a mapping with the key cases"),
        (b"cases:\n  a\xe9: 1\n", "2: byte 0xe9 is not UTF-8; expected text in UTF-8"),
        (b"cases:\n  a: \x07\n", "2: the control character 0x07; expected text without control characters"),
        (b"cases: [1, 2\n", "2: invalid YAML: did not find expected ',' or ']' while parsing a flow sequence; expected a YAML mapping"),
        (b"a: b: c", "1: invalid YAML: mapping values are not allowed in this context; expected a YAML mapping"),
        (b"[1, 2]", "1: the file contains [1, 2]; expected a mapping with the key cases"),
        (b"cases", "1: the file contains 'cases'; expected a mapping with the key cases"),
        (b"null", "1: the file contains null; expected a mapping with the key cases"),
        (b"cases: {}\n---\ncases: {}", "2: a second document; expected one document per file"),
        (b"[a]: 1", "1: a key that is not a word; expected a word before the colon"),
        (b"a: 1e999", "1: the number '1e999' is too large; expected .inf if infinity is meant"),
        (b"a: " + b"[" * 100_000, "1: more than 24 nested lists or mappings; expected an array with a few axes"),
        (b"a: 1\nb: !!python/object/apply:os.system [ls]",
         "2: the tag 'tag:yaml.org,2002:python/object/apply:os.system'; expected plain values without tags"),
        (b"#" * ((1 << 22) + 1), "1: the file has more than 4194304 bytes; expected at most 4194304"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_mapping_of_yaml(mistakes, text, expected):
    assert mistakes(text) == [expected]


def test_every_tab_is_reported(mistakes):
    assert mistakes("cases:\n\ta: 1\n  b:\t2\n") == ["2: a tab character; expected spaces", "3: a tab character; expected spaces"]


def test_every_anchor_and_alias_is_reported(mistakes):
    assert mistakes("cases:\n  a: &a {input: 1}\n  b: *a\n") == [
        "2: the anchor &a; expected each value written out in full",
        "3: the alias *a; expected each value written out in full",
    ]


def test_a_key_that_comes_twice(mistakes):
    text = f"""
        op: max_pool
        cases:
          a: {{{X}, {K1}}}
          b: {{{X}, pool: {{kernel: [1], kernel: [2]}}}}
          a: {{{X}, {K1}}}
    """
    assert mistakes(text) == [
        "4: duplicate key 'kernel', first in line 4; expected each key once",
        "5: duplicate key 'a', first in line 3; expected each key once",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("about: 3\ncases: {a: {op: flatten, input: [1]}}", ["1: about is 3; expected a sentence: what the cases of this file are about"]),
        ("ops: max_pool", [
            "1: unknown key 'ops' in the file (did you mean op?); expected about, op, document, tier, tags or cases",
            "1: the file has no cases; expected at least one case, each under a permanent name of letters, digits and underscores",
        ]),
        ("cases:", ["1: cases is null; expected at least one case, each under a permanent name of letters, digits and underscores"]),
        ("cases:\n  a b: {input: [1]}", [
            ("2: 'a b' is not a valid name in cases; "
            "expected at least one case, each under a permanent name of letters, digits and underscores"),
        ]),
        ('cases:\n  "a\\n": {input: [1]}', [
            r"2: 'a\n' is not a valid name in cases; expected at least one case, each under a permanent name of letters, digits and underscores"
        ]),
        ("cases:\n  a: [1]", ["2: the case a is [1]; expected a mapping: an input, an operation with its parameters, and what is known of the answer"]),
        ("cases:\n  a: {op: flatten}", [f"2: the case a has no input; expected {INPUT}"]),
        ("cases:\n  a: {input: [[[1]]]}", ["2: the case a has no operation; expected a layer, or an op here or for the whole file"]),
    ],
)  # fmt: skip
def test_a_file_that_has_not_the_form_of_a_spec(mistakes, text, expected):
    assert mistakes(text) == expected


FORM = {
    f"op: maxpool\n{X}": f"3: op is 'maxpool' (did you mean max_pool?); expected {OPS}",
    f"{MAX}\n{K1}\nouput: 1": f"6: unknown key 'ouput' in the case one (did you mean output?); expected {CASE_KEYS}",
    f"{MAX}\npool: {{kernal: [1], kernel: [1]}}": f"5: unknown key 'kernal' in pool (did you mean kernel?); expected {PARAMETERS}",
    f"{MAX}\npool: {{kernel: 2}}": "5: kernel is 2; expected one integer for each spatial axis: the size of the window",
    f"{MAX}\npool: {{kernel: [2.0]}}": "5: kernel is [2.0]; expected one integer for each spatial axis: the size of the window",
    f"{MAX}\npool: {{kernel: []}}": "5: kernel is []; expected one integer for each spatial axis: the size of the window",
    f"{MAX}\npool: {{kernel: [1], stride: 2}}": "5: stride is 2; expected one integer for each spatial axis: how far the window moves",
    f"{MAX}\npool:\n  kernel: [1]\n  padding: sam": "7: padding is 'sam'; expected the word valid, same or same_lower, "
    "or one [low, high] pair for each spatial axis: cells added around the input",
    f"{MAX}\npool: {{kernel: [1], padding: [1]}}": "5: padding is [1]; expected the word valid, same or same_lower, "
    "or one [low, high] pair for each spatial axis: cells added around the input",
    f"{MAX}\npool: {{kernel: [1], ceil_mode: yes}}": "5: ceil_mode is 'yes'; "
    "expected true or false: whether a last window may extend beyond the far edge",
    f"{MAX}\npool: {{kernel: 010}}": "5: kernel is '010'; expected one integer for each spatial axis: the size of the window",
    f"{MAX}\n{K1}\nbatched: no": "6: batched is 'no'; expected true or false: whether arrays have a batch axis, true unless stated",
    f"{MAX}\n{K1}\ndtype: float": f"6: dtype is 'float' (did you mean float64?); expected {DTYPES}",
    f"{MAX}\n{K1}\ndata_format: NHWC": "6: data_format is 'NHWC'; expected channels_first or channels_last",
    f"{MAX}\n{K1}\nraises: ValueError": "6: raises is 'ValueError'; expected the word invalid: the operation must be refused",
    f"{MAX}\n{K1}\ntier: slow": "6: tier is 'slow'; expected smoke, core or full",
    f"{MAX}\n{K1}\ntags: [a, 1]": "6: tags is ['a', 1]; expected words: tags to select the case by",
    f"{MAX}\n{K1}\noutput: 3": "6: output is 3; expected an array: the answer that is due",
    f"{MAX}\n{K1}\noutput_shape: [1, -1, 1]": "6: output_shape is [1, -1, 1]; "
    "expected integers, one for each axis: the shape that is due, batch and channel axes included",
    f"{MAX}\n{K1}\nparameters: 1.5": "6: parameters is 1.5; expected an integer: how many numbers the layer learns",
    f"{MAX}\n{K1}\nwaiting:": "6: waiting is null; expected a reason: what is missing before this case can run; "
    "until then it is counted but not run",
    f"{MAX}\n{K1}\nequals: {{}}": "6: equals is {}; expected a mapping with op or layer, and pool: "
    "another operation on the same target whose answer must be the same",
    f"{MAX}\n{K1}\nwith: {{weight: [1]}}": "6: unknown key 'weight' in with (did you mean weights?); "
    "expected weights, indices, samples, mask or cotangent",
    f"{MAX}\n{K1}\nrules: {{same_split: hihg}}": "6: same_split is 'hihg' (did you mean high?); expected high or low",
    f"op: max_pool\ninput: 3\n{K1}": f"4: input is 3; expected {INPUT}",
    f"op: max_pool\ninput: {{}}\n{K1}": f"4: input is {{}}; expected {INPUT}",
    f"op: max_pool\ninput: {{arang: [1, 1, 3]}}\n{K1}": "4: unknown key 'arang' in input (did you mean arange?); "
    "expected arange, full, value, distinct, normal, seed or start",
    f"op: max_pool\ninput: {{arange: 3}}\n{K1}": "4: arange is 3; "
    "expected integers, one for each axis: the shape of an array of 0, 1, 2, ... in row-major order",
    f"op: max_pool\ninput: {{full: [1, 1, 3]}}\n{K1}": "4: full without value; expected a number: the value of each cell of full",
    f"op: max_pool\ninput: {{arange: [1, 1, 3], seed: 1}}\n{K1}": "4: seed beside arange; expected only one of seed and arange",
    f"op: max_pool\ninput: {{normal: [1, 1, 3], start: 1}}\n{K1}": "4: start beside normal; expected only one of start and normal",
    f"{MAX}\n{K1}\nindices: oracles": "6: indices is 'oracles'; "
    "expected an array of integers, or the word oracle: the position of each maximum that is due, counted within its plane",
}

TOGETHER = {
    f"layer: torch.nn.MaxPool1d(1)\nop: max_pool\n{X}": "4: op beside layer; expected only one of op and layer",
    f"layer: torch.nn.MaxPool1d(1)\n{K1}\n{X}": "4: pool beside layer; expected only one of pool and layer",
    f"{MAX}\n{K1}\nraises: invalid\noutput: [[[1]]]": "7: output beside raises; expected only one of output and raises",
    f"{MAX}\n{K1}\nequals: {{op: avg_pool, {K1}}}\noutput: [[[1]]]": "7: output beside equals; expected only one of output and equals",
    f"{MAX}\nmatrix: {{kernel: [[1]]}}\noutput: [[[1]]]": "6: output beside matrix; expected only one of output and matrix",
    f"{MAX}\n{K1}\nasks: tie": f"6: asks without answers; expected {ANSWERS}",
    f"{MAX}\n{K1}\nanswers: {{first: [[[1]]], last: [[[2]]]}}": "6: answers without asks; "
    "expected an axis: the one rule that this case does not pin, in order to measure it",
    f"{MAX}\n{K1}\nstands: upheld": "6: stands without source; expected a mapping with document and place: where the case was taken from",
    f"{MAX}\n{K1}\nas_written: true": "6: as_written without layer; expected a call of a known layer with literal arguments, "
    "as in its source: states all parameters of the layer's signature",
    f"{MAX}\n{K1}\nsource: {{place: here}}": "6: source has no document; expected a document, here or for the whole file",
    f"{MAX}\n{K1}\nsource: {{document: there}}": "6: source has no place; "
    "expected words that find the place in the document: a heading, lines, an example",
    f"{MAX}\ndtype: int8\npool: {{kernel: [1], dtype: int8}}": "6: dtype in pool and in the case; expected it in only one of them",
    f"{MAX}\ndata_format: channels_last\npool: {{kernel: [1], data_format: channels_last}}": "6: data_format in pool and in the case; "
    "expected it in only one of them",
    f"layer: keras.layers.MaxPooling1D(1, data_format='channels_last')\ndata_format: channels_last\n{X}": "3: data_format beside a layer "
    "that states its own; expected it in only one of them",
}

LAYERS = {
    "torch.nn.MaxPool": "'torch.nn.MaxPool' is not a call; expected " + CALL,
    "torch.nn.MaxPool9d(2)": "'torch.nn.MaxPool9d' is not a known layer; "
    "expected one of torch.nn.MaxPool1d, torch.nn.MaxPool2d, flax.linen.max_pool",
    "torch.nn.MaxPool1d(kernel=2)": "torch.nn.MaxPool1d has no argument kernel; "
    "expected torch.nn.MaxPool1d(kernel_size, stride=None, padding=0, ceil_mode=False)",
    "torch.nn.MaxPool1d(open('x'))": "kernel_size of torch.nn.MaxPool1d is not a literal; "
    "expected a number, text, tuple, True, False or None",
    "__import__('os').system('ls')": "\"__import__('os').system('ls')\" is not a call; expected " + CALL,
}

ARRAYS = {
    "input: [[[1, 2],\n  [3]]]": "5: input is ragged: a part has the shape [1]; expected [2], the shape of the part before it",
    "input: [[[1]],\n  [[1], [2]]]": "5: input is ragged: a part has the shape [2, 1]; expected [1, 1], the shape of the part before it",
    "input: [[[1], 2]]": "4: input has 2 beside lists; expected lists of equal length on each level",
    "input: [[[1,\n  no]]]": "5: input has the cell 'no'; expected numbers",
    "input: [[['1']]]": "4: input has the cell '1'; expected numbers",
    "input: [[[1_000]]]": "4: input has the cell '1_000'; expected numbers",
    "input: [[[1:30]]]": "4: input has the cell '1:30'; expected numbers",
    "input: [[[2001-01-01]]]": "4: input has the cell '2001-01-01'; expected numbers",
    "input: [[[~]]]": "4: input has the cell null; expected numbers",
    "input: [[[1, true]]]": "4: input has the cell true; expected numbers",
    "input: [[[true, 1]]]\ndtype: bool": "4: input has the cell 1; expected true or false",
    "input: [[[300]]]\ndtype: uint8": "4: input has the cell 300; expected numbers that uint8 holds",
    "input: [[[-1]]]\ndtype: uint8": "4: input has the cell -1; expected numbers that uint8 holds",
    "input: [[[1.5]]]\ndtype: int32": "4: input has the cell 1.5; expected numbers that int32 holds",
    "input: [[[.nan]]]\ndtype: int32": "4: input has the cell .nan; expected numbers that int32 holds",
    "input: [[[-.inf]]]\ndtype: int32": "4: input has the cell -.inf; expected numbers that int32 holds",
    "input: [[[1e39]]]": "4: input has the cell 1e+39; expected numbers that float32 holds",
    "input: [[[65520.0]]]\ndtype: float16": "4: input has the cell 65520.0; expected numbers that float16 holds",
    "input: [[[2049]]]\ndtype: float16": "4: input has the cell 2049; expected numbers that float16 holds",
    "input: {arange: [1, 1, 257]}\ndtype: uint8": "4: input counts 257 cells in uint8; expected at most 256, which is as far as uint8 holds every integer",
    "input: {distinct: [1, 1, 2050]}\ndtype: float16": "4: input counts 2050 cells in float16; "
    "expected at most 2049, which is as far as float16 holds every integer",
    "input: {distinct: [1, 1, 3], start: -1}\ndtype: uint8": "4: input counts from -1 in uint8; expected a start of 0 to 255",
    "input: {arange: [1, 1, 9], start: 250}\ndtype: uint8": "4: input counts 9 cells in uint8; expected at most 6, which is as far as uint8 holds every integer",
    "input: {distinct: output}": "4: input has the shape output; "
    "expected one integer for each axis; only the cotangent may have that shape",
    "input: {normal: [1, 1, 3]}\ndtype: int8": "4: input is normal in int8; expected a floating dtype",
    "input: {full: [1, 1, 3], value: 1.5}\ndtype: int8": "4: input has the cell 1.5; expected numbers that int8 holds",
    f"input: {{distinct: [1, 1, {CELL_LIMIT + 1}]}}": f"4: input has {CELL_LIMIT + 1} cells; expected at most {CELL_LIMIT}",
    f"input: {{arange: [1, 1, {LARGE_LIMIT + 1}]}}\ndtype: int32": f"4: input has {LARGE_LIMIT + 1} cells; expected at most {LARGE_LIMIT}",
    f"input: {{full: [1, 1, {UNIFORM_LIMIT // 4 + 1}], value: 0}}": f"4: input has {UNIFORM_LIMIT // 4 + 1} cells; "
    f"expected at most {UNIFORM_LIMIT // 4}",
    "input: [[[1]]]\noutput: [[[a]]]": "5: output has the cell 'a'; expected numbers",
    "input: [[[1]]]\nindices: [[[0.5]]]": "5: indices has the cell 0.5; expected numbers that int64 holds",
    "input: [[[1]]]\ndtype: int8\noutput: [[[0.5]]]": "6: output has the cell 0.5; expected numbers that int8 holds",
}

SENSE = {
    MAX: "3: max_pool without kernel; expected one integer for each spatial axis",
    f"op: adaptive_max_pool\n{X}": "3: adaptive_max_pool without output_size; expected one integer for each spatial axis",
    f"{MAX}\npool: {{kernel: [1, 1]}}": "5: kernel is [1, 1]; expected 1 entry, one for each spatial axis of the input",
    f"{MAX}\npool: {{kernel: [1], stride: [1, 1]}}": "5: stride is [1, 1]; expected 1 entry, one for each spatial axis of the input",
    f"{MAX}\npool: {{kernel: [1], dilation: [1, 1]}}": "5: dilation is [1, 1]; expected 1 entry, one for each spatial axis of the input",
    f"op: max_pool\ninput: {{arange: [1, 1, 2, 2]}}\n{K1}": "5: kernel is [1]; expected 2 entries, one for each spatial axis of the input",
    f"{MAX}\npool: {{kernel: [1], padding: [[0, 0], [0, 0]]}}": "5: padding is [[0, 0], [0, 0]]; "
    "expected 1 entry, one for each spatial axis of the input",
    f"op: max_pool\ninput: [[1]]\n{K1}": "4: input has the shape [1, 1]; expected batch, channels and spatial axes",
    f"op: max_pool\ninput: [1]\nbatched: false\n{K1}": "4: input has the shape [1]; expected channels and spatial axes",
    f"layer: torch.nn.MaxPool2d(1)\n{X}": "4: input has the shape [1, 1, 3]; expected 4 axes, because torch.nn.MaxPool2d has 2 spatial ones",
    f"{MAX}\npool: {{kernel: [1], count_include_pad: true}}": "5: max_pool has no parameter count_include_pad; "
    "expected kernel, stride, padding, dilation, ceil_mode or data_format",
    f"op: global_avg_pool\n{X}\n{K1}": "5: global_avg_pool has no parameter kernel; expected keepdims or data_format",
    f"{MAX}\npool: {{kernel: [300000], padding: same}}": f"5: kernel is [300000]: 300000 cells; expected at most {CELL_LIMIT}",
    f"{MAX}\npool: {{kernel: [3], padding: [[0, 2000000000]]}}": "5: padding is [[0, 2000000000]]: 2000000003 cells; "
    f"expected at most {CELL_LIMIT}",
    f"{MAX}\n{K1}\nequals: {{pool: {{kernel: [1, 2]}}}}": "6: kernel is [1, 2]; expected 1 entry, one for each spatial axis of the input",
    f"{MAX}\n{K1}\nequals: {{op: global_max_pool, {K1}}}": "6: global_max_pool has no parameter kernel; expected keepdims or data_format",
    f"{MAX}\n{K1}\nequals: {{layer: max}}": f"6: layer: 'max' is not a call; expected {CALL}",
}

DUE = {
    f"{MAX}\n{K1}\noutput: [1]": "6: output has the shape [1]; expected 3 axes, because the input has 3",
    f"{MAX}\n{K1}\noutput_shape: [1, 1]": "6: output_shape has the shape [1, 1]; expected 3 axes, because the input has 3",
    f"{MAX}\n{K1}\noutput: [[[1]]]\noutput_shape: [1, 1, 2]": "7: output_shape has the shape [1, 1, 2]; "
    "expected [1, 1, 1], the shape of the output",
    f"op: global_avg_pool\n{X}\noutput: [1]": "5: output has the shape [1]; expected 2 or 3 axes, because the input has 3",
    f"op: global_avg_pool\n{X}\npool: {{keepdims: false}}\noutput: [[[1]]]": "6: output has the shape [1, 1, 1]; "
    "expected 2 axes, because the input has 3",
    f"{MAX}\n{K1}\noutput: [[[1]]]\nindices: [[[1, 2]]]": "7: indices has the shape [1, 1, 2]; expected [1, 1, 1], the shape of the output",
    f"{MAX}\n{K1}\nwith: {{cotangent: [[[1]]]}}\ngradient: [[[1]]]": "7: gradient has the shape [1, 1, 1]; "
    "expected [1, 1, 3], the shape of the input",
    f"{MAX}\n{K1}\nentry: gradient_operation\noutput: [[[1, 2, 3]]]": "6: entry is gradient_operation, and no gradient is due; "
    "expected gradient that are due, or another entry",
    f"{MAX}\n{K1}\ngradient: [[[0, 0, 1]]]": "6: a gradient without a cotangent; expected a cotangent in with: the gradient of the output",
    f"{MAX}\n{K1}\nwith: {{weights: [1]}}": "6: max_pool takes no weights; expected weights only with conv",
}

PROBE = {
    "{high: [[[2]]], hi: [[[1]]]}": "7: 'hi' is not a value of same_split; expected high or low",
    "{high: [[[.nan]]], low: [[[.nan]]]}": "7: the answers high and low are equal; expected an input for which they differ",
    "{high: {raises: invalid}, low: {raises: invalid}}": "7: the answers high and low are equal; expected an input for which they differ",
    "{high: [[[2]]], low: [[1]]}": "7: low has the shape [1, 1]; expected 3 axes, because the input has 3",
    "{high: [[[2]]], low: [[[x]]]}": "7: the answer low has the cell 'x'; expected numbers",
    "{high: [[[2]]], low: {ouput: [[[1]]]}}": "7: unknown key 'ouput' in low (did you mean output?); "
    "expected output, output_shape, output_dtype, indices, gradient or raises",
    "{high: [[[2]]], low: {output: [[[1]]], indices: [[[1, 2]]]}}": "7: indices has the shape [1, 1, 2]; "
    "expected [1, 1, 1], the shape of the output",
    "{high: [[[2]]], low: {gradient: [[[1, 2, 3]]]}}": "7: a gradient without a cotangent; "
    "expected a cotangent in with: the gradient of the output",
    "{high: [[[2]]]}": f"7: answers is {{high: [[[2]]]}}; expected {ANSWERS}",
}

MATRIX = {
    f"{MAX}\nmatrix: {{kernel: [[1, 2],\n  [2]]}}": "5: kernel is [1, 2]; expected 1 entry, one for each spatial axis of the input",
    f"{MAX}\nmatrix: {{kernel: [[2], 1]}}": "5: kernel is [[2], 1]; expected a list: values of kernel as in pool, null for unspecified",
    f"{MAX}\nmatrix: {{kernel: [[7], [8]]}}": "5: no combination of the matrix is valid; expected values that fit the input",
    f"{MAX}\n{K1}\nmatrix: {{kernel: [[1], [2]]}}": "6: kernel in matrix and in the case; expected it in only one of them",
    f"{MAX}\n{K1}\nmatrix: {{keepdims: [true]}}": "6: max_pool has no parameter keepdims; "
    "expected kernel, stride, padding, dilation, ceil_mode or data_format",
    f"{MAX}\nmatrix: {{kernel: [[2], [2]]}}": "2: two cases are named one-kernel=2, the other one in line 2; expected different names",
    f"{MAX}\nmatrix: {{kernel: {[[1]] * 80}, stride: {[[1]] * 80}}}": "5: matrix has 6400 combinations; expected at most 4096",
    f"op: max_pool\ninput: [[[300]]]\n{K1}\nmatrix: {{dtype: [int16, int8]}}": "4: input has the cell 300; expected numbers that int8 holds",
    f"op: flatten\n{X}\nmatrix: {{kernel: [[1]]}}": "5: flatten has no parameter kernel; expected data_format",
    f"{MAX}\nindices: [[[1]]]\nmatrix: {{kernel: [[2], [3]]}}": "5: indices beside matrix; "
    "expected the word oracle, because it differs for each combination",
    f"{MAX}\ngradient: oracle\nmatrix: {{kernel: [[2], [3]]}}": "5: a gradient without a cotangent; "
    "expected a cotangent in with: the gradient of the output",
    f"{MAX}\n{K1}\ndtype: int8\nwith: {{cotangent: {{distinct: output}}}}\ngradient: oracle": "2: the oracle refuses the operation of the case one; "
    "expected a valid operation",
    f"{MAX}\nmatrix: {{kernel: [[2], [3]]}}\nasks: tie\nanswers: {{first: [[[1]]], last: [[[2]]]}}": "5: kernel in the matrix of a probe; "
    "expected only dtype, because the answers are written out",
}


@pytest.mark.parametrize(("keys", "expected"), [*{**FORM, **TOGETHER, **SENSE, **DUE, **MATRIX}.items()])
def test_a_mistake_in_a_case_is_reported(wrong, keys, expected):
    assert wrong(keys) == [expected]


@pytest.mark.parametrize(("text", "expected"), LAYERS.items())
def test_a_mistake_in_a_layer_is_reported(wrong, text, expected):
    assert wrong(f'layer: "{text}"\n{X}') == [f"3: layer: {expected}"]


@pytest.mark.parametrize(("keys", "expected"), ARRAYS.items())
def test_a_mistake_in_an_array_is_reported(wrong, keys, expected):
    assert wrong(f"op: max_pool\n{keys}\n{K1}") == [expected]


def test_a_cell_that_bfloat16_does_not_hold_is_a_mistake(wrong):
    pytest.importorskip("ml_dtypes")
    assert wrong(f"op: max_pool\ninput: [[[257]]]\ndtype: bfloat16\n{K1}") == [
        "4: input has the cell 257; expected numbers that bfloat16 holds"
    ]


def test_bfloat16_where_its_package_is_not_installed(wrong, monkeypatch):
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    expected = "bfloat16 requires ml_dtypes, which is not installed; expected another dtype, or `pip install ml_dtypes` first"
    assert wrong(f"op: max_pool\ninput: [[[1]]]\ndtype: bfloat16\n{K1}") == [f"4: {expected}"]
    assert wrong(f"op: max_pool\ninput: {{arange: [1, 1, 3]}}\ndtype: bfloat16\n{K1}") == [f"4: {expected}"]


@pytest.mark.parametrize(("answers", "expected"), PROBE.items())
def test_a_mistake_in_a_probe_is_reported(wrong, answers, expected):
    assert wrong(f"{MAX}\n{K1}\nasks: same_split\nanswers: {answers}") == [expected]


def test_a_probe_that_pins_what_it_asks(wrong):
    answers = "answers: {high: [[[1]]], low: [[[2]]]}"
    assert wrong(f"{MAX}\n{K1}\nasks: same_split\nrules: {{same_split: low}}\n{answers}") == [
        "7: rules pins same_split, which the case asks for; expected rules of other axes"
    ]


def test_a_probe_without_the_reference(wrong):
    answers = "answers: {ignore: [[[1]]], seeded: [[[2]]]}"
    expected = join_with_or(AXIS_VALUES["nan"])
    assert wrong(f"{MAX}\n{K1}\nasks: nan\n{answers}") == [f"7: no answer for propagate, the reference value of nan; expected {expected}"]


def test_every_mistake_comes_in_one_go(mistakes):
    text = """
        op: max_pool
        cases:
          first:
            input: [[[1, 2], [3]]]
            pool: {kernal: [1], stride: 2, ceil_mode: 1}
            output: [[[x]]]
          second:
            layer: torch.nn.MaxPool1d(a)
            input: [[[1, 300]]]
            dtype: uint8
    """
    assert [line.partition(";")[0] for line in mistakes(text)] == [
        "4: input is ragged: a part has the shape [1]",
        "5: unknown key 'kernal' in pool (did you mean kernel?)",
        "5: stride is 2",
        "5: ceil_mode is 1",
        "6: output has the cell 'x'",
        "8: layer: kernel_size of torch.nn.MaxPool1d is not a literal",
        "9: input has the cell 300",
    ]


def test_what_a_file_says_is_shown_short_and_without_control_characters(mistakes):
    [line] = mistakes('cases:\n  one: {op: "' + "\\e[31m\\u202e" * 40 + '", input: [[[1]]]}')
    assert line.startswith(r"2: op is '\x1b[31m\u202e")
    assert len(line.partition(";")[0]) < 80


def test_a_mistake_prints_its_file_and_line(spec, tmp_path):
    [mistake] = spec("cases: 1", "deep/er.yaml").mistakes
    assert str(mistake).startswith(f"{tmp_path}/deep/er.yaml:1: cases is 1; expected ")


def test_a_file_with_a_mistake_has_no_cases(spec):
    spec_file = spec(f"op: max_pool\ncases:\n  good: {{{X}, {K1}}}\n  bad: {{{X}}}\n")
    assert len(spec_file.mistakes) == 1
    assert spec_file.cases == ()


def test_a_waiting_case_is_checked_for_form_alone(wrong):
    assert wrong(f"{MAX}\npool: {{kernel: [1, 2], keepdims: true}}\noutput: [1]\nwaiting: for its time") == []
    assert wrong(f"{MAX}\npool: {{kernel: 1}}\noutput: [x]\nwaiting: for its time") == [
        "5: kernel is 1; expected one integer for each spatial axis: the size of the window",
        "6: output has the cell 'x'; expected numbers",
    ]
