"""`python -m exporter.simulators PLATFORM`: a simulated platform on a port of this machine."""

import argparse
import asyncio
import gc
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from exporter.simulators import livevox
from exporter.simulators.clock import SimulatedClock
from exporter.simulators.roster import Sizes
from exporter.simulators.scenario import Scenario
from exporter.simulators.serving import bind, serve, url_of

PLATFORMS = ("livevox",)
PLANNED = ("talkdesk", "tiledesk")
EXIT_USAGE = 2


def parser() -> argparse.ArgumentParser:
    """The command line."""
    sizes, account, patience = Sizes(), livevox.Account(), livevox.Patience()
    command = argparse.ArgumentParser(
        prog="python -m exporter.simulators",
        description="Serve a simulated contact-center platform on this machine.",
    )
    add = command.add_argument
    add("platform", choices=(*PLATFORMS, *PLANNED))
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", type=_port, default=0, help="port to listen on; 0 is any free one")
    add("--seed", type=int, default=1, help="the same seed gives the same day (%(default)s)")
    add("--speed", type=float, default=1.0, help="simulated seconds a second (%(default)s)")
    add("--start", type=_moment, help="ISO 8601 moment at which it is 10:00 local (now)")
    add("--paused", action="store_true", help="let time stand still until POST /_resume")
    add("--exit-with-stdin", action="store_true", help="end when standard input ends")
    add("--services", type=int, default=sizes.queues, help="number (%(default)s)")
    add("--call-centers", type=int, default=sizes.call_centers, help="number (%(default)s)")
    add("--agents", type=int, default=sizes.agents, help="number (%(default)s)")
    add("--campaigns", type=int, default=sizes.campaigns, help="number a day (%(default)s)")
    add("--client-name", default=account.client_name, help="to sign in with (%(default)s)")
    add("--username", default=account.user_name, help="to sign in with (%(default)s)")
    add("--password", default=account.password, help="to sign in with (%(default)s)")
    add("--access-token", default=account.access_token, help="to sign in with (%(default)s)")
    for name, wait, until in (
        ("--long-poll", patience.long_poll, "a long poll without events is answered"),
        ("--keepalive", patience.keepalive, "a silent stream gets a comment"),
        ("--idle-close", patience.idle, "a stream without events is closed"),
    ):
        text = f"real seconds until {until} (%(default)g)"
        add(name, type=float, default=wait, metavar="SECONDS", help=text)
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end; returns the exit status."""
    command = parser()
    options = command.parse_args(arguments)
    if options.platform in PLANNED:
        print(f"there is no simulator of {options.platform} yet", file=sys.stderr)
        return EXIT_USAGE
    start_ms = options.start or int(time.time() * 1000)
    try:
        clock = SimulatedClock(time.monotonic, start_ms, options.speed, options.paused)
        patience = livevox.Patience(options.long_poll, options.keepalive, options.idle_close)
        sizes = Sizes(options.services, options.call_centers, options.agents, options.campaigns)
    except ValueError as error:
        command.error(str(error))
    try:
        bound = bind(options.host, options.port)
    except OSError as error:
        print(f"cannot listen on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    scenario = Scenario(clock, options.seed, sizes)
    account = livevox.Account(
        options.client_name, options.username, options.password, options.access_token
    )
    gc.freeze()  # what was built stays: collections need not look at it again
    asyncio.run(
        serve(
            livevox.app(scenario, account, patience),
            bound,
            ready=lambda: print(f"listening on {url_of(bound)}", flush=True),
            keep_up=scenario.catch_up,
            exit_with_stdin=options.exit_with_stdin,
        )
    )
    return 0


def _moment(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port


if __name__ == "__main__":
    sys.exit(main())
