"""Scripts run within their limits, and what exceeds these is said."""

import pytest

from poolparity.adapters.common.limited_process import ProcessFailed, ProcessLimits, run_limited

pytestmark = pytest.mark.process


def run(tmp_path, source, data=b"", **limits):
    script, file = tmp_path / "script.py", tmp_path / "data"
    script.write_text(source)
    file.write_bytes(data)
    with file.open("rb") as stream:
        stream.seek(0, 2)
        return run_limited(script, stream, ProcessLimits(**limits))


def test_a_script_reads_the_whole_file_and_its_output_is_returned(tmp_path):
    assert run(tmp_path, "import sys; print(sys.stdin.read()[::-1], end='')", b"abc") == b"cba"


@pytest.mark.parametrize(
    ("source", "limits", "message"),
    [
        ("while True: pass", {"seconds": 1}, r"signal \d+ ended it; it may compute for 1 s"),
        ("import time; time.sleep(60)", {"patience": 0}, "it took more than 0 s"),
        ("bytearray(1 << 30)", {"memory": 1 << 29}, "MemoryError"),
        ("print('x' * (1 << 20))", {"output": 1 << 16}, "File too large"),
        ("open('made', 'w').write('x' * (1 << 20))", {"output": 1 << 16}, "File too large"),
        ("raise ValueError('no such thing')", {}, "ValueError: no such thing"),
        ("raise SystemExit(3)", {}, "it ended with status 3"),
    ],
    ids=["time", "sleep", "memory", "output", "file", "error", "silent"],
)
def test_what_exceeds_a_limit_or_fails_gives_no_output(tmp_path, monkeypatch, source, limits, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProcessFailed, match=message):
        run(tmp_path, source, **limits)
