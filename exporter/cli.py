"""The command line: commands, flags, exit codes.

Exit codes: 0 done, 1 anything that ended the exporter, 2 bad configuration or usage, 3 a source
failed.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from exporter import __version__, demo, health, logs, selfmetrics
from exporter.accounts import Planned, Size
from exporter.app import App, account_of, all_families, run, vendor_of
from exporter.errors import ConfigError, ExporterError
from exporter.reference import as_json, markdown
from exporter.settings import DEFAULT_FILE, Settings, config_file, describe, load, warnings
from exporter.vendors import VENDORS

COMMANDS = ("run", "check", "plan", "metrics", "demo", "shapes")
NOT_YET = "not yet built in this version"
HOUR = 3600.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0] not in COMMANDS and given[0] not in ("-h", "--help", "--version")):
        given.insert(0, "run")
    options = _parser().parse_args(given)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except ConfigError as error:
        print(f"{error}", file=sys.stderr)
        return 2
    except ExporterError as error:
        print(f"contact-center-exporter: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="contact-center-exporter",
        description="Prometheus exporter for hosted contact-center platforms.",
        epilog="Without a command, it runs. `demo` needs no account and no configuration.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    running = _command(commands, "run", "run the exporter", _run)
    _configuration_flags(running)
    _web_flags(running)
    checking = _command(commands, "check", "validate the configuration and print it", _check)
    _configuration_flags(checking)
    checking.add_argument("--online", action="store_true", help=NOT_YET)
    planning = _command(commands, "plan", "requests per hour and series to expect", _plan)
    _configuration_flags(planning)
    _size_flags(planning)
    metrics = _command(commands, "metrics", "print the metric reference", _metrics)
    metrics.add_argument("--format", choices=("markdown", "json"), default="markdown")
    showing = _command(commands, "demo", "run against simulated accounts", _demo)
    showing.add_argument("--speed", type=_positive, default=1.0, help="of the simulated day")
    showing.add_argument("--seed", type=int, default=1, help="of the simulated day")
    showing.add_argument("--port", type=int, default=10710, help="on 127.0.0.1")
    showing.add_argument(
        "--web.listen-address",
        dest="listen_address",
        action="append",
        metavar="HOST:PORT",
        help="instead of 127.0.0.1 and --port",
    )
    _log_flags(showing)
    _command(commands, "shapes", NOT_YET, _shapes)
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    text: str,
    function: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    parser.set_defaults(command=function)
    return parser


def _configuration_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config.file", dest="config_file", metavar="FILE")
    parser.add_argument("--ledger.path", dest="ledger_path", metavar="FILE")
    _log_flags(parser)


def _log_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--log.level", dest="log_level", choices=("debug", "info", "warning", "error")
    )
    parser.add_argument("--log.format", dest="log_format", choices=("logfmt", "json"))


def _web_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--web.listen-address", dest="listen_address", action="append", metavar="HOST:PORT"
    )
    parser.add_argument("--web.telemetry-path", dest="telemetry_path", metavar="PATH")
    parser.add_argument("--web.config.file", dest="web_config_file", help=NOT_YET)
    parser.add_argument(
        "--web.enable-lifecycle", dest="enable_lifecycle", action="store_true", help=NOT_YET
    )


def _size_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--queues", type=_count, default=100, help="queues of each source")
    parser.add_argument("--groups", type=_count, default=5, help="call centers of each source")
    parser.add_argument("--agents", type=_count, default=200, help="agents of each source")
    parser.add_argument("--campaigns", type=_count, default=50, help="campaigns of each source")


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError("a number above 0")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("a number that is at least 0")
    return number


def _overrides(options: argparse.Namespace) -> Mapping[str, object]:
    """The flags that were given, in the shape of the configuration file."""
    given = {
        ("ledger", "path"): options.ledger_path,
        ("log", "level"): options.log_level,
        ("log", "format"): options.log_format,
        ("web", "listen_address"): getattr(options, "listen_address", None),
        ("web", "telemetry_path"): getattr(options, "telemetry_path", None),
        ("web", "config_file"): getattr(options, "web_config_file", None),
        ("web", "enable_lifecycle"): getattr(options, "enable_lifecycle", False) or None,
    }
    nested: dict[str, dict[str, object]] = {}
    for (section, key), value in given.items():
        if value is not None:
            nested.setdefault(section, {})[key] = value
    return dict(nested)


def _loaded(options: argparse.Namespace) -> Settings:
    """The settings; raises ConfigError, also where there is no source at all."""
    chosen = Path(options.config_file) if options.config_file else config_file(os.environ)
    file = chosen or Path(DEFAULT_FILE)
    settings = load(file if chosen or file.exists() else None, os.environ, _overrides(options))
    if not settings.sources:
        where = file if chosen or file.exists() else f"{DEFAULT_FILE}, which is not there,"
        raise ConfigError(
            f"no source is configured, neither in {where} nor in the environment;"
            " `contact-center-exporter demo` runs without any"
        )
    return settings


def _run(options: argparse.Namespace) -> int:
    settings = _loaded(options)
    logs.configure(settings.log.level, settings.log.format)
    run(settings)
    return 0


def _check(options: argparse.Namespace) -> int:
    if options.online:
        raise ConfigError(f"--online: {NOT_YET}")
    settings = _loaded(options)
    for name in settings.sources:
        account_of(settings, name, {})
    print(describe(settings), end="")
    for warning in warnings(settings):
        print(f"warning: {warning}", file=sys.stderr)
    return 0


def _plan(options: argparse.Namespace) -> int:
    settings = _loaded(options)
    size = Size(options.queues, options.groups, options.agents, options.campaigns)
    print(
        f"For {size.queues} queues in {size.groups} groups, {size.agents} agents and"
        f" {size.campaigns} campaigns in each source:\n"
    )
    by_credential: dict[tuple[str, ...], float] = {}
    held = 0
    for name, source in sorted(settings.sources.items()):
        vendor = vendor_of(source.platform)
        costs = vendor.plan(source, size)
        account = account_of(settings, name, {})
        held += len(account.streams)
        credential = account.credential
        hourly = sum(_hourly(cost) for cost in costs)
        by_credential[credential] = by_credential.get(credential, 0.0) + hourly
        print(_planned(name, costs, hourly))
    for credential, hourly in by_credential.items():
        print(f"credential {' '.join(credential[1:])}: {hourly:.0f} requests an hour")
    print(f"streams held: {held}")
    return 0


def _hourly(cost: Planned) -> float:
    return cost.requests * HOUR / cost.interval


def _planned(name: str, costs: Sequence[Planned], hourly: float) -> str:
    lines = [f"{name:<20} {'interval':>10} {'requests':>10} {'an hour':>10} {'series':>10}"]
    lines += [
        f"  {cost.feed:<18} {cost.interval:>8g} s {cost.requests:>10} {_hourly(cost):>10.0f}"
        f" {cost.series:>10}"
        for cost in costs
    ]
    series = sum(cost.series for cost in costs)
    lines.append(f"  {'all':<18} {'':>10} {'':>10} {hourly:>10.0f} {series:>10}\n")
    return "\n".join(lines)


def _metrics(options: argparse.Namespace) -> int:
    all_families()
    own = (*health.FAMILIES, *selfmetrics.FAMILIES)
    write = markdown if options.format == "markdown" else as_json
    print(write(own, VENDORS), end="")
    return 0


def _demo(options: argparse.Namespace) -> int:
    logs.configure(options.log_level or "info", options.log_format or "logfmt")
    with demo.simulators(options.seed, options.speed) as urls:
        addresses = options.listen_address or [f"127.0.0.1:{options.port}"]
        configuration = demo.configuration(urls, addresses)
        run(load(None, demo.environment(), configuration), _invite)
    return 0


def _invite(app: App) -> None:
    address = f"http://{app.addresses[0]}"
    print(
        f"\nA simulated contact center is running.\n"
        f"  status page  {address}/\n"
        f"  metrics      {address}/metrics\n"
        f"Ctrl-C ends it.\n",
        flush=True,
    )


def _shapes(options: argparse.Namespace) -> int:
    raise ConfigError(f"shapes: {NOT_YET}")
