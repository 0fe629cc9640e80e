"""What the parts of the fuzz share: changes of a text or of bytes, and values that have broken a reader before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
NUMBERS = (
    "0", "-1", "1", "2", "7", "4096", "8191", "65536", "262144", "262145", "2147483647", "2147483648", "4294967296",
    "9007199254740993", "9223372036854775807", "9223372036854775808", "1e308", "1e400", "-0", "-0.0", "0.5", ".nan", ".inf", "-.inf",
    "9" * 400, "0x" + "f" * 40, "1e-320", "010", "1_000", "3.4028236e+38",
)  # fmt: skip
TEXTS = (
    "null", "~", "true", "false", "[]", "{}", "[[]]", "''", '"\\0"', "*a", "&a 1", "!!python/name:os.system", "!!binary aGk=", "<<",
    "x" * 3000, "\u202e", "\x1b[31m", "\ud7ff", "\U0001f600", "- ", "? ", ": ", "#", "---", "...", "%YAML 1.1", "\t", "|", ">", "`", "@", "%",
)  # fmt: skip
BYTES = (b"\0", b"\xff", b"\xef\xbb\xbf", b"\r\n", b"\xc3", b"\n" * 50, b" " * 200, b"[" * 40, b"{" * 40, b"\x85", b"\xe2\x80\xa8")


def mutate_text(rng: Random, text: str, words: Sequence[str] = ()) -> str:
    """Change a text in one to four places; `words` are those that the kind of file knows."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
        text = rng.choice((replace_number, replace_number, replace_word, replace_word, change_lines, cut, insert))(rng, text, words)
    return text


def replace_number(rng: Random, text: str, words: Sequence[str]) -> str:
    """Another number in the place of one."""
    places = list(NUMBER.finditer(text))
    if not places:
        return insert(rng, text, words)
    place = rng.choice(places)
    return f"{text[: place.start()]}{rng.choice(NUMBERS)}{text[place.end() :]}"


def replace_word(rng: Random, text: str, words: Sequence[str]) -> str:
    """Another word in the place of one, which the file knows or which is strange."""
    places = list(re.finditer(r"[A-Za-z_]\w*", text))
    if not places:
        return insert(rng, text, words)
    place = rng.choice(places)
    return f"{text[: place.start()]}{rng.choice([*words, *TEXTS] if rng.random() < 0.3 or not words else words)}{text[place.end() :]}"


def change_lines(rng: Random, text: str, _: Sequence[str]) -> str:
    """A line twice, elsewhere, indented otherwise, or gone."""
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    line = lines[place]
    match rng.randrange(4):
        case 0:
            lines.insert(rng.randrange(len(lines)), line)
        case 1:
            lines.insert(rng.randrange(len(lines)), lines.pop(place))
        case 2:
            lines[place] = " " * rng.randrange(6) + line.lstrip()
        case _:
            del lines[place]
    return "\n".join(lines)


def cut(rng: Random, text: str, _: Sequence[str]) -> str:
    """Some characters left out, or all from some place on."""
    start = rng.randrange(len(text) + 1)
    return text[:start] if rng.random() < 0.2 else text[:start] + text[start + rng.randrange(1, 12) :]


def insert(rng: Random, text: str, words: Sequence[str]) -> str:
    """A word, a number or something strange between two characters."""
    start = rng.randrange(len(text) + 1)
    return f"{text[:start]}{rng.choice([*words, *NUMBERS, *TEXTS])}{text[start:]}"


def mutate_bytes(rng: Random, data: bytes) -> bytes:
    """Flip, cut, double or insert some bytes in one to four places."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        start = rng.randrange(len(data) + 1)
        end = start + rng.randrange(1, 40)
        match rng.randrange(5):
            case 0:
                data = data[:start] + bytes(byte ^ 1 << rng.randrange(8) for byte in data[start : start + 1]) + data[start + 1 :]
            case 1:
                data = data[:start] + data[end:]
            case 2:
                data = data[:end] + data[start:]
            case 3:
                data = data[:start] + rng.choice(BYTES) + data[start:]
            case _:
                data = data[:start]
    return data
