"""Simulated contact-center platforms, to try the exporter without an account.

`scenario.Scenario` is one seeded day of a contact center: the truth. Each platform's package
serves that day over HTTP exactly as the platform would, and can be told to misbehave. Nothing here
is shared with the exporter: a simulator that reused its decoders would agree with their bugs.
"""
