"""What the benchmark runs in processes of their own: the product, and the controls.

The packages that the environment variable names are as if they were not installed.
"""

import os
import sys

WITHOUT = "BENCH_WITHOUT"  # names of packages, by commas

for package in filter(None, os.environ.get(WITHOUT, "").split(",")):
    sys.modules[package] = None  # type: ignore[assignment]  # the interpreter's word for absent
