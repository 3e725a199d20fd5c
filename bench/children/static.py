"""The control of a scrape: whole answers held in memory, a thread for each connection, `sendall`.

    python -m bench.children.static DIRECTORY

The directory has the answers, head and body, in files named `identity`, `gzip`,
`openmetrics` and `openmetrics-gzip`.
"""

import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from bench.channel import answer

NAMES = {
    (False, False): "identity",
    (True, False): "gzip",
    (False, True): "openmetrics",
    (True, True): "openmetrics-gzip",
}


def serve(connection: socket.socket, answers: Mapping[tuple[bool, bool], bytes]) -> None:
    """Answers one connection until it ends."""
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        asked = b""
        while received := connection.recv(65536):
            asked += received
            if asked.endswith(b"\r\n\r\n"):
                connection.sendall(answers[b"gzip" in asked, b"openmetrics" in asked])
                asked = b""


def accept(listening: socket.socket, answers: Mapping[tuple[bool, bool], bytes]) -> None:
    """Starts a thread for each connection."""
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=serve, args=(connection, answers), daemon=True).start()


def main() -> None:
    """Serves until standard input ends."""
    directory = Path(sys.argv[1])
    answers = {key: (directory / name).read_bytes() for key, name in NAMES.items()}
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, args=(listening, answers), daemon=True).start()
    answer(listening.getsockname()[1], {})


if __name__ == "__main__":
    main()
