"""Which keys there are: what holds secrets and what names files is told by types alone."""

from exporter.configuration.schema import leaves
from exporter.settings import SCHEMA
from exporter.vendors.livevox.settings import LiveVoxSettings


def test_secrets_and_files_are_known_by_their_types() -> None:
    assert SCHEMA.secrets == {"password", "access_token", "agents_key"}
    process = {".".join(leaf.keys) for leaf in SCHEMA.process_leaves() if leaf.names_file}
    assert process == {"web.config_file", "ledger.path"}
    source = {".".join(leaf.keys) for leaf in leaves(LiveVoxSettings) if leaf.names_file}
    assert source == {"http.ca_file"} | {f"{secret}.file" for secret in SCHEMA.secrets}


def test_a_path_is_cut_at_a_secret_of_a_source_and_nowhere_else() -> None:
    secret = ("sources", "acme", "password")
    assert SCHEMA.public((*secret, "hunter2")) == secret
    for open_path in (("sources", "password", "http"), ("password", "x"), ()):
        assert SCHEMA.public(open_path) == open_path
