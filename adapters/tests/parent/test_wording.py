"""What a worker leaves behind is shortened to names of modules, and can be printed anywhere."""

import pytest

from poolparity.adapters.parent.launch import ROOT
from poolparity.adapters.parent.wording import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('File "/usr/lib/python3.11/site-packages/jax/core.py", line 3', 'File "jax/core.py", line 3'),
        ("/a/lib/python3.12/json.py:4: no", "json.py:4: no"),
        ("at /x/dist-packages/y.py and /x/site-packages/z.py", "at y.py and z.py"),
        ("./a/site-packages/b.py and c/site-packages/d.py", "./a/site-packages/b.py and c/site-packages/d.py"),
        ("/site-packages/a.py", "/site-packages/a.py"),
        ("//site-packages/a.py", "a.py"),
        ("/home/me/net.py", "/home/me/net.py"),
        ("at Object.run (/home/me/node_modules/@a/b/index.js:3:4)", "at Object.run (@a/b/index.js:3:4)"),
        ("kernel, /home/me/.cache/poolparity/programs-1/0a1b/to/c.cpp:40, no", "kernel, 0a1b/to/c.cpp:40, no"),
        (f"{ROOT}/adapters/torch.py", "poolparity/adapters/torch.py"),
        ("\x1b[31mred\x1b[0m\x00", "red\ufffd"),
        ("/" * 200_000, "/" * 200_000),
    ],
)
def test_folders_of_modules_and_of_compiled_programs_are_left_out(text, expected):
    assert plain(text) == expected
