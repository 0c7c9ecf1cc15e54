"""The record in MySQL, on a server of this test's own."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from sample_steps import constant, double

from pytest_orchestrators import MetadataStoreError, MySQLMetadataConfig, Pipeline
from pytest_orchestrators.contract.runtime.connection import connected
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore

SERVER = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
INSTALL = shutil.which("mariadb-install-db")


@pytest.fixture(scope="module")
def server():
    """A MariaDB server on loopback with fresh data; yields its port and the path of its socket."""
    if not (SERVER and INSTALL):
        reason = "the MySQL tests need Debian's mariadb-server: apt-get install mariadb-server"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Not under pytest's folders: the path of a Unix socket may have 107 bytes only.
    with tempfile.TemporaryDirectory(prefix="mariadb-") as folder:
        common = ["--no-defaults", f"--datadir={folder}/data", f"--user={getpass.getuser()}"]
        install = [INSTALL, *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, capture_output=True)
        path = Path(folder) / "socket"
        process = subprocess.Popen(
            [SERVER, *common, f"--port={port}", f"--socket={path}", "--bind-address=127.0.0.1",
             f"--pid-file={folder}/pid", "--innodb-buffer-pool-size=32M"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(path, process)
            yield port, path
        finally:
            process.terminate()
            process.wait()


def wait_for(path, process):
    deadline = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, "the server has ended"
        assert time.monotonic() < deadline, "the server does not come up"
        time.sleep(0.1)


def create_database(path, name):
    client = shutil.which("mariadb")
    statements = (
        f"CREATE DATABASE {name}; CREATE USER IF NOT EXISTS 'runner'@'%' IDENTIFIED BY 'se cret';"
        "CREATE USER IF NOT EXISTS 'runner'@'localhost' IDENTIFIED BY 'se cret';"
        f"GRANT ALL ON {name}.* TO 'runner'@'%'; GRANT ALL ON {name}.* TO 'runner'@'localhost';"
    )
    subprocess.run([client, "--no-defaults", f"--socket={path}", "-uroot", "-e", statements], check=True)


def config_for(server, database, password="se cret"):
    return MySQLMetadataConfig(
        host="127.0.0.1",
        port=server[0],
        database=database,
        username="runner",
        password=password,
        timeout_s=20,
    )


@pytest.mark.parametrize("by", ["port", "socket"])
def test_pipelines_run_and_are_cached(server, make_stack, record, by):
    create_database(server[1], f"runs_by_{by}")
    config = config_for(server, f"runs_by_{by}")
    if by == "socket":
        config = config.model_copy(update={"host": None, "port": None, "socket": str(server[1])})
    stack = make_stack(metadata=config)
    for _ in range(2):
        Pipeline("demo", double(constant(n=21))).run(stack=stack)
    steps = record(stack)
    assert [each.state for each in steps] == ["COMPLETE"] * 2 + ["CACHED"] * 2
    assert steps[-1].outputs == {"output": 42}
    assert not any("se cret" in text for each in steps for text in each.properties.values())


def test_a_refused_login_is_an_error_that_names_the_store_at_once(server):
    create_database(server[1], "closed")
    started = time.monotonic()
    with (
        pytest.raises(MetadataStoreError, match=r"runner@127\.0\.0\.1.*/closed.*cannot be opened") as caught,
        connected(config_for(server, "closed", password="not this")),
    ):
        pass
    assert time.monotonic() - started < 5
    assert "not this" not in str(caught.value)


OPEN_FIRST = """
import sys, time
from pytest_orchestrators import MySQLMetadataConfig
from test_metadata import connected, put_context
config = MySQLMetadataConfig(
    host="127.0.0.1", port=int(sys.argv[1]), database="race", username="runner", password="se cret"
)
while time.time() < float(sys.argv[2]): pass
with connected(config) as connection:
    for n in range(5): put_context(connection, f"{sys.argv[3]} {n}")
"""


def test_processes_may_open_a_new_database_at_the_same_time(server):
    create_database(server[1], "race")
    start = str(time.time() + 3)
    here = os.pathsep.join([str(Path(__file__).parent), str(Path.cwd())])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_FIRST, str(server[0]), start, f"process {n}"],
            env={**os.environ, "PYTHONPATH": here},
        )
        for n in range(4)
    ]
    assert [process.wait() for process in processes] == [0] * 4
    with connected(config_for(server, "race")) as connection:
        assert len(ConnectedStore(connection).get_contexts()) == 20
