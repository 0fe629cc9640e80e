"""Model files as frameworks write them, made without a framework: ONNX by its wire format, archives of Keras and torch."""

import json
import zipfile


def varint(value):
    """An integer in the wire format of protocol buffers."""
    content = bytearray()
    value &= (1 << 64) - 1
    while value > 0x7F:
        content.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*content, value])


def message(*pairs):
    """A message of fields by number: integers, texts and messages."""
    content = b""
    for number, value in pairs:
        data = value.encode() if isinstance(value, str) else value
        content += varint(number << 3) + varint(value) if isinstance(value, int) else varint(number << 3 | 2) + varint(len(data)) + data
    return content


def named_value(name, *sizes, kind=1):
    """A value of ONNX with its sizes, texts for open ones, and the number of its type, which is float32."""
    dimensions = [(1, message((1, size) if isinstance(size, int) else (2, size))) for size in sizes]
    return message((1, name), (2, message((1, message((1, kind), (2, message(*dimensions)))))))


def ints(name, *values):
    """An attribute of ONNX with several integers."""
    return message((1, name), *((8, value) for value in values), (20, 7))


NODE = message(
    (1, "x"),
    (2, "y"),
    (4, "MaxPool"),
    (5, ints("kernel_shape", 3, 3)),
    (5, message((1, "ceil_mode"), (3, 1))),
    (5, ints("pads", 1, 1, 1, 1)),
)
"""A maximum over padded windows of three by three cells, with ceil_mode."""


def model(*nodes, values=()):
    """An ONNX model of nodes and values."""
    return message((1, 8), (7, message(*((1, node) for node in nodes), *((11, value) for value in values))))


def archive(path, **members):
    """A zip archive; in the members' names `__` is a slash, and `_json` the suffix."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive_file:
        for name, text in members.items():
            archive_file.writestr(name.replace("__", "/").replace("_json", ".json"), text)
    return path


def layer(class_name, config, shape=None):
    """The configuration of a layer of Keras."""
    return {"class_name": class_name, "config": config, **({"build_config": {"input_shape": shape}} if shape else {})}


def exported_node(operator, arguments, output):
    """A node of an exported torch program that reads `x`."""
    inputs = [{"name": "self", "arg": {"as_tensor": {"name": "x"}}}, *({"name": name, "arg": value} for name, value in arguments.items())]
    return {"target": f"torch.ops.aten.{operator}.default", "inputs": inputs, "outputs": [{"as_tensor": {"name": output}}]}


def exported_program(*nodes, sizes):
    """The JSON of an exported torch program whose input `x` has some sizes."""
    graph = {"nodes": list(nodes), "tensor_values": {"x": {"sizes": [{"as_int": size} for size in sizes]}}}
    return json.dumps({"graph_module": {"graph": graph}})
