"""Runs the exporter with a configuration file on a port, and a loop that SIGUSR1 blocks.

    python -m tests.e2e.stuck FILE PORT SECONDS

The callback sleeps in the event loop for so many seconds, as a bug or a huge document might.
"""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from exporter import logs
from exporter.app import App
from exporter.settings import load


async def run(app: App, seconds: float) -> None:
    """Runs the exporter until it is told to stop."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, time.sleep, seconds)
    await app.run()


def main() -> None:
    """What the module says."""
    file, port, seconds = sys.argv[1:]
    address = {"web": {"listen_address": [f"127.0.0.1:{port}"]}}
    settings = load(Path(file), os.environ, address)
    logs.configure("info", "json")
    asyncio.run(run(App(settings), float(seconds)))


if __name__ == "__main__":
    main()
