"""A certificate authority for one test run, made with openssl's command."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost"


@dataclass(frozen=True)
class Authority:
    """The bundle that clients trust, and the contexts of servers it vouches for."""

    bundle: Path
    server: ssl.SSLContext
    elsewhere: ssl.SSLContext  # for a host of another name


def authority(folder: Path) -> Authority:
    """Makes a certificate authority, and server certificates signed by it."""
    bundle, key = folder / "ca.pem", folder / "ca.key"
    _openssl(
        *("req", "-x509", "-subj", "/CN=Test authority", "-days", "2", "-nodes"),
        *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign"),
        *("-keyout", str(key), "-out", str(bundle)),
    )
    here = _server(folder, "here", _NAMES)
    return Authority(bundle, here, _server(folder, "elsewhere", "subjectAltName=DNS:elsewhere"))


def _server(folder: Path, name: str, names: str) -> ssl.SSLContext:
    certificate, key, request = (folder / f"{name}.{ending}" for ending in ("pem", "key", "csr"))
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"{names}\nauthorityKeyIdentifier=keyid\n")
    _openssl(
        *("req", "-new", "-subj", f"/CN={name}", "-nodes"),
        *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-keyout", str(key), "-out", str(request)),
    )
    _openssl(
        *("x509", "-req", "-in", str(request), "-days", "2", "-extfile", str(extensions)),
        *("-CA", str(folder / "ca.pem"), "-CAkey", str(folder / "ca.key"), "-CAcreateserial"),
        *("-out", str(certificate)),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)
