"""Clusters: a PostgreSQL server of a test's own, in a folder that is removed afterwards."""

# ruff: noqa: S608 - the statements are those of the tests themselves

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pg8000.native import Connection, Error, literal

OWNER = "owner"
"""User of the server who may do everything."""
DATABASE = "evals"
INIT = ("-U", OWNER, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync")
_USES = ("digital_signature", "key_cert_sign")
_OTHERS = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
_SIGNS = x509.KeyUsage(
    **dict.fromkeys(_USES, True),
    **dict.fromkeys((*_OTHERS, "crl_sign", "encipher_only", "decipher_only"), False),
)
_TYPES = {str: "text", int: "bigint", float: "double precision", bool: "boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A server that runs."""

    folder: Path
    """Where its socket is."""
    port: int
    password: str
    """Of the owner."""

    @property
    def listens(self) -> tuple[str, ...]:
        """Where the server is to listen, as it is told."""
        return "-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder)

    def address(self, table: str, *, user: str = OWNER) -> str:
        """The address of a table, over the network."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{DATABASE}?table={table}"

    def by_socket(self, table: str) -> str:
        """The address of a table, through the socket."""
        return f"postgresql://{OWNER}@:{self.port}/{DATABASE}?host={self.folder}&table={table}"

    @contextmanager
    def session(self, database: str = DATABASE) -> Iterator[Connection]:
        """Somebody who writes."""
        connection = Connection(
            OWNER, host="127.0.0.1", port=self.port, database=database, password=self.password
        )
        try:
            yield connection
        finally:
            connection.close()

    def run(self, *statements: str) -> None:
        """Write something."""
        with self.session() as session:
            for statement in statements:
                session.run(statement)

    def encrypt(self) -> Path:
        """Let the server encrypt, with a certificate that it signed itself, and give that."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a server of a test")])
        today = datetime.now(UTC)
        signed = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]),
                critical=False,
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_SIGNS, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .sign(key, hashes.SHA256())
        )
        plain = serialization.NoEncryption()
        kind, shape = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
        owner = (self.folder / "data").stat()
        for file, content in (
            ("server.key", key.private_bytes(shape, kind, plain)),
            ("server.crt", signed.public_bytes(shape)),
        ):
            path = self.folder / "data" / file
            path.write_bytes(content)
            path.chmod(0o600)
            os.chown(path, owner.st_uid, owner.st_gid)
        self.run("ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()")
        self._wait_for("SHOW ssl", "on")
        return self.folder / "data" / "server.crt"

    def _wait_for(self, query: str, value: str) -> None:
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            with self.session() as session:
                if session.run(query) == [[value]]:
                    return
            time.sleep(0.05)
        pytest.fail(f"{query}: not {value} after 30 s", pytrace=False)

    def fill(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Make a table of rows; the first row has a value in every column."""
        columns = ", ".join(f'"{n}" {_TYPES[type(v)]}' for n, v in rows[0].items())
        values = ", ".join(f"({', '.join(literal(v) for v in row.values())})" for row in rows)
        self.run(
            f"DROP TABLE IF EXISTS {table}",
            f"CREATE TABLE {table} ({columns})",
            f"INSERT INTO {table} VALUES {values}",
        )


def programs() -> Path:
    """Find the server; without one skip, but not where everything has to run."""
    named = shutil.which("initdb")
    folders = [Path(named).resolve().parent] if named else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = next(
        (f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None
    )
    if found is not None:
        return found
    told = "no initdb on PATH or under /usr/lib/postgresql: tables in PostgreSQL were not tried"
    if os.environ.get("CI") == "true":
        pytest.fail(told, pytrace=False)
    pytest.skip(told)


@contextmanager
def running() -> Iterator[Cluster]:
    """Make a server, run it, and leave nothing behind. It never runs as root."""
    bin_ = programs()
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="shipcall-pg-"))
    secret = folder / "secret"
    secret.write_text(secrets.token_hex(16), encoding="utf-8")
    if account:
        for path in (folder, secret):
            os.chown(path, account["user"], account["group"])
    cluster = Cluster(folder=folder, port=_port(), password=secret.read_text(encoding="utf-8"))
    data = folder / "data"
    try:
        made = subprocess.run(
            [str(bin_ / "initdb"), "-D", str(data), *INIT, "--pwfile", str(secret)],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            **account,
        )
        assert made.returncode == 0, made.stderr
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [str(bin_ / "postgres"), "-D", str(data), "-F", *cluster.listens],
                stdout=log,
                stderr=log,
                cwd=folder,
                **account,
            )
        try:
            _wait(cluster, folder / "log")
            yield cluster
        finally:
            server.terminate()
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> dict[str, Any]:
    """The account that runs the server where tests run as root; PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    names = [entry.pw_name for entry in pwd.getpwall()]
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(cluster: Cluster, log: Path) -> None:
    ends = time.monotonic() + 30
    while True:
        try:
            with cluster.session("postgres") as session:
                session.run(f"CREATE DATABASE {DATABASE}")
        except (Error, OSError):
            if time.monotonic() > ends:
                pytest.fail(log.read_text(encoding="utf-8"), pytrace=False)
            time.sleep(0.05)
        else:
            return
