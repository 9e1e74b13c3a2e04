"""A placeholder project that pre-commit installs for the hooks in .pre-commit-hooks.yaml. It depends on the wheel.

pre-commit runs `pip install .` in a clone of this repository. If the project that builds the wheel (packaging/pypi)
were at the top, that would need a Rust toolchain and minutes. This takes seconds.
"""

import re
from pathlib import Path

from setuptools import setup

CARGO = (Path(__file__).parent / "Cargo.toml").read_text(encoding="utf-8")
VERSION = re.search(r'^version = "([^"]+)"$', CARGO, re.MULTILINE).group(1)

setup(
    name="forcelint-pre-commit",
    version=VERSION,
    install_requires=[f"forcelint=={VERSION}"],
    py_modules=[],
)
