"""Reading a file that anybody may have written: what is not a regular file of a limited size is refused at once."""

import os
import socket
from pathlib import Path

import pytest

from poolparity.cases.model.files import UnreadableFile, open_file, read_bytes, read_text
from poolparity.cases.model.mistake import PATH_WIDTH, quote_path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def error_of(path, limit=100):
    with pytest.raises(UnreadableFile) as error_info:
        read_bytes(path, limit)
    return str(error_info.value)


def test_a_file_of_the_limited_size_is_read(folder):
    Path("spec.yaml").write_bytes(b"0123456789")
    assert read_bytes("spec.yaml", 10) == b"0123456789"
    assert read_text(Path("spec.yaml"), 10) == "0123456789"
    with open_file("spec.yaml") as stream:
        assert stream.read(4) == b"0123"


def test_a_file_that_is_too_large_is_refused_by_its_size(folder):
    Path("spec.yaml").write_bytes(b"0123456789")
    assert error_of("spec.yaml", 9) == "spec.yaml: the file has 10 bytes; expected at most 9"


def test_a_file_that_states_no_size_is_read_up_to_the_limit():
    assert error_of("/proc/cpuinfo", 1).endswith("more than 1 bytes; expected at most 1")


def test_a_device_without_an_end_is_refused_before_it_is_read():
    assert error_of("/dev/zero") == "/dev/zero: is a device; expected a regular file"


def test_a_fifo_without_a_writer_does_not_block(folder):
    os.mkfifo("spec.yaml")
    assert error_of("spec.yaml") == "spec.yaml: is a FIFO; expected a regular file"


def test_a_directory_a_socket_a_loop_of_links_and_a_missing_file_are_refused_with_their_reason(folder):
    Path("folder").mkdir()
    Path("loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    assert error_of("folder") == "folder: is a directory; expected a regular file"
    assert error_of("socket") == "socket: is a socket or a device; expected a regular file"
    assert error_of("loop") == "loop: the symbolic links form a loop or are too many; expected an existing file"
    assert error_of("missing") == "missing: no such file or directory; expected an existing file"
    assert error_of("socket/file") == "socket/file: a part of the path is not a directory; expected an existing file"


def test_a_name_that_is_too_long_is_refused_and_shortened():
    message = error_of("x" * 5000)
    assert message.endswith("xxx: the name is too long; expected an existing file")
    assert len(message) < PATH_WIDTH + 60


def test_a_path_is_quoted_on_one_line_of_printable_characters():
    assert quote_path("a\nb\x1b[31m\udcff.yaml") == "a\\nb\\x1b[31m\\udcff.yaml"
    assert quote_path(Path("specs/max_pool/größe.yaml")) == "specs/max_pool/größe.yaml"
    assert len(quote_path("\n" * 5000)) <= PATH_WIDTH


def test_text_that_is_not_utf_8_is_refused_with_its_line(folder):
    Path("rows.jsonl").write_bytes(b"{}\n\xff\n")
    with pytest.raises(UnreadableFile, match=r"^rows.jsonl: line 2: byte 0xff is not UTF-8; expected text in UTF-8$"):
        read_text("rows.jsonl", 100)
