"""Where the record of runs (ML Metadata) is kept: one model per kind of database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from pytest_orchestrators.contract.files import absolute_path

if TYPE_CHECKING:
    from ml_metadata.proto.metadata_store_pb2 import ConnectionConfig


def _connection_config() -> ConnectionConfig:
    from ml_metadata.proto import metadata_store_pb2

    return metadata_store_pb2.ConnectionConfig()


class _MetadataConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    #: Seconds until a store that is locked, busy or does not answer is given up.
    timeout_s: float = Field(default=30.0, gt=0)

    @property
    def location(self) -> str:
        """The store as errors name it; never with a password."""
        raise NotImplementedError

    @property
    def local_path(self) -> str | None:
        """A file on this host that a step's process needs to reach, if there is one."""
        return None

    @property
    def in_process_only(self) -> bool:
        """Whether other processes cannot see this store."""
        return False

    def connection_config(self) -> ConnectionConfig:
        """Return the ML Metadata ``ConnectionConfig`` of this store."""
        raise NotImplementedError


class SqliteMetadataConfig(_MetadataConfig):
    """A sqlite file. A relative path is taken from the current folder, now."""

    kind: Literal["sqlite"] = "sqlite"
    path: Path

    @field_validator("path")
    @classmethod
    def _make_absolute(cls, path: Path) -> Path:
        return absolute_path(path)

    @property
    def location(self) -> str:
        """``sqlite file <path>``."""
        return f"sqlite file {str(self.path)!r}"

    @property
    def local_path(self) -> str:
        """The file."""
        return str(self.path)

    def connection_config(self) -> ConnectionConfig:
        """Open or create the file for reading and writing."""
        config = _connection_config()
        config.sqlite.filename_uri = str(self.path)
        config.sqlite.connection_mode = config.sqlite.READWRITE_OPENCREATE
        return config


class InMemoryMetadataConfig(_MetadataConfig):
    """A store in this process's memory, for tests. Stores of the same ``name`` are one and the same."""

    kind: Literal["in_memory"] = "in_memory"
    name: str = "default"

    @property
    def location(self) -> str:
        """``in-memory store <name>``."""
        return f"in-memory store {self.name!r}"

    @property
    def in_process_only(self) -> bool:
        """True."""
        return True

    def connection_config(self) -> ConnectionConfig:
        """Every store opened with it is new and empty: whoever opens it has to keep it."""
        config = _connection_config()
        config.fake_database.SetInParent()
        return config


class _ServerMetadataConfig(_MetadataConfig):
    host: str | None = None
    port: int | None = Field(default=None, gt=0, lt=65536)
    database: str
    username: str | None = None
    password: SecretStr | None = None

    def _location(self, scheme: str, socket: str | None = None) -> str:
        user = f"{self.username}@" if self.username else ""
        port = f":{self.port}" if self.port else ""
        return f"{scheme}://{user}{socket or self.host or 'localhost'}{port}/{self.database}"


class MySQLMetadataConfig(_ServerMetadataConfig):
    """A MySQL (or MariaDB) database, by ``host`` and ``port`` or by Unix ``socket``."""

    kind: Literal["mysql"] = "mysql"
    socket: str | None = None

    @property
    def location(self) -> str:
        """``mysql://<user>@<host or socket>/<database>``."""
        return self._location("mysql", self.socket)

    def connection_config(self) -> ConnectionConfig:
        """Connect by socket if there is one, else by TCP."""
        config = _connection_config()
        mysql = config.mysql
        mysql.database = self.database
        if self.socket:
            mysql.socket = self.socket
        else:
            mysql.host = self.host or "127.0.0.1"
            mysql.port = self.port or 3306
        if self.username:
            mysql.user = self.username
        if self.password:
            mysql.password = self.password.get_secret_value()
        return config


class PostgreSQLMetadataConfig(_ServerMetadataConfig):
    """A PostgreSQL database. A ``host`` that is a folder is where the server's Unix socket is."""

    kind: Literal["postgresql"] = "postgresql"

    @property
    def location(self) -> str:
        """``postgresql://<user>@<host>/<database>``."""
        return self._location("postgresql")

    def connection_config(self) -> ConnectionConfig:
        """Connect to the server, on port 5432 unless another is given."""
        config = _connection_config()
        postgresql = config.postgresql
        postgresql.dbname = self.database
        postgresql.host = self.host or "127.0.0.1"
        postgresql.port = str(self.port or 5432)
        if self.username:
            postgresql.user = self.username
        if self.password:
            postgresql.password = self.password.get_secret_value()
        return config


MetadataStoreConfig = Annotated[
    SqliteMetadataConfig | InMemoryMetadataConfig | MySQLMetadataConfig | PostgreSQLMetadataConfig,
    Field(discriminator="kind"),
]
