"""The benchmark: each measure of the product beside a control, on the same machine, in one run.

`python -m bench` prints the table; README.md says how to read it. Nothing here is a test, and no
test asserts a time.
"""
