#!/usr/bin/env python3
"""Write the dashboards of grafana/dashboards; with --check only compare.

Each dashboard is a function that returns it as grafana-foundation-sdk's model; what is written is
the JSON that Grafana imports and provisions, with sorted keys. Exit code of --check: 0 when every
committed file is what would be written, 1 with the differences when one is not.
"""

import argparse
import difflib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from overview import contact_center_overview

DASHBOARDS = Path(__file__).resolve().parent / "dashboards"


def wanted() -> dict[Path, str]:
    """What each file has to hold, by path; a file is named after the dashboard's uid."""
    models = [contact_center_overview()]
    return {
        DASHBOARDS / f"{model.uid}.json": json.dumps(
            model, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False
        )
        + "\n"
        for model in models
    }


def differences(files: dict[Path, str]) -> Iterator[str]:
    """The lines of a unified diff from what is there to what has to be."""
    for path, text in sorted(files.items()):
        name = f"grafana/dashboards/{path.name}"
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        yield from difflib.unified_diff(
            present.splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"{name} (there)",
            f"{name} (from build.py)",
        )


def main() -> int:
    """Write the files, or compare them; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the dashboards of grafana/dashboards.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 on difference")
    check = parser.parse_args().check
    files = wanted()
    wrong = False
    if check:
        lines = list(differences(files))
        sys.stdout.writelines(lines)
        if lines:
            print("The dashboards are out of date: run grafana/build.py", file=sys.stderr)
        wrong = bool(lines)
    else:
        DASHBOARDS.mkdir(exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
    for path in sorted(set(DASHBOARDS.glob("*.json")) - files.keys()):
        print(f"{path.name} is not written by grafana/build.py: delete it", file=sys.stderr)
        wrong = True
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
