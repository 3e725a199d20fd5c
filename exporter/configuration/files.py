"""Files that the configuration names: what is read of them, and what is wrong with them."""

import ssl
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator

from exporter.configuration.text import Text


class NamesFile:
    """Marks a type whose value is a path: relative, it starts at the file that it stands in."""


NAMES_FILE: Final = NamesFile()


def _certificates(path: str) -> str:
    if not path:
        return path
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        problem = "names a file without certificates in PEM form"
    except OSError as error:
        problem = f"names a file that can not be read ({error.strerror})"
    else:
        return path
    raise ValueError(problem)


CertificateFile = Annotated[Text, NAMES_FILE, AfterValidator(_certificates)]
"""Empty, or the path of a PEM file whose certificates could be read at load time."""


def read_text(path: Path, most_bytes: int, pipes: bool = True) -> tuple[str, str]:
    """Return (the content, "") of a UTF-8 file, or ("", what is wrong with it).

    Problems are values, not exceptions: an exception of the decoder would carry the content.
    """
    try:
        if not pipes and path.is_fifo():
            return "", "is a pipe, not a file"
        with path.open("rb") as opened:
            content = opened.read(most_bytes + 1)
    except OSError as error:
        return "", f"can not be read ({error.strerror})"
    except ValueError:  # a path with a NUL in it
        return "", "is not the path of a file"
    if len(content) > most_bytes:
        return "", f"is larger than {most_bytes // 1024} KiB"
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", "is not UTF-8 text"
