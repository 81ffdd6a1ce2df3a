"""The settings, from environment variables that begin with COMPENSATION_API_."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from limits import parse
from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MIB = 2**20
PREFIX = "COMPENSATION_API_"
_BASE_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")


class Settings(BaseSettings):
    """What the service is set to; each field is the variable COMPENSATION_API_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(8000, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    keys_file: Path | None = None
    """File of API keys as `python -m api keys new NAME` writes it: a name and the SHA-256 of a key
    on each line. With it, every call needs a key."""
    policies_dir: Path | None = None
    """Folder of own policy files (*.toml), offered beside those of the package; all are checked at
    the start, which a wrong one stops."""
    allow_open: bool = False
    """Start without keys although others than this machine can reach the service."""
    root_path: str = ""
    """Path under which a reverse proxy serves the API, such as /compensation; the proxy takes it
    off."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses or networks of reverse proxies, separated by commas, whose X-Forwarded-For and
    X-Forwarded-Proto are believed."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Host names that requests may be addressed to, separated by commas; without keys on loopback
    these are localhost and its addresses, else any."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins of other sites' pages that may call the API, separated by commas."""
    rate_limit: str = "600/minute"
    """How many calls each key, or each address without keys, may make: 600/minute."""
    max_body_bytes: int = Field(MIB, ge=1024)
    """Largest body of a call other than an assessment."""
    idle_seconds: int = Field(65, ge=0)
    """How many seconds a connection is kept open for another request."""
    body_seconds: int = Field(120, ge=1)
    """How many seconds the body of a request may take to arrive."""
    max_upload_bytes: int = Field(64 * MIB, ge=1024)
    """Largest body of an assessment, in bytes as it is sent."""
    max_unpacked_bytes: int = Field(1024 * MIB, ge=1024)
    """Largest size of an uploaded workbook or zip, unpacked."""
    max_rows: int = Field(1_000_000, ge=1)
    """Most rows in any one table of an assessment."""
    max_faults: int = Field(100_000, ge=1)
    """Most faults that the answer to an assessment lists."""
    assessment_seconds: int = Field(300, ge=1)
    """After how many seconds the computing of an assessment is stopped."""
    assessment_memory_bytes: int = Field(4 * 1024 * MIB, ge=512 * MIB)
    """Most memory that one assessment may take."""
    assessment_workers: int = Field(2, ge=1)
    """How many assessments are computed at the same time."""
    assessment_queue: int = Field(8, ge=0)
    """How many more assessments wait for their turn; others get a 503."""
    held_ledgers: int = Field(4, ge=0)
    """How many ledgers are held in memory for variants; the oldest goes first."""
    held_seconds: int = Field(600, ge=1)
    """How many seconds such a ledger is held after it was last asked for."""
    shutdown_seconds: int = Field(330, ge=0)
    """How long requests under way may take to finish when it stops."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is logged."""

    @field_validator("trusted_proxies", "allowed_hosts", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("root_path")
    @classmethod
    def _is_a_base_path(cls, value: str) -> str:
        base = value.rstrip("/")
        if base and _BASE_PATH.fullmatch(base) is None:
            raise ValueError("a base path looks like /compensation")
        return base

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        # Host names are never compared, and * would trust the headers of every client.
        return tuple(str(ipaddress.ip_network(part)) for part in value)

    @field_validator("rate_limit")
    @classmethod
    def _is_a_rate(cls, value: str) -> str:
        parse(value)
        return value

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if self.keys_file is None and not self.allow_open and not self.private:
            raise ValueError(
                f"the service can be reached by others than this machine: give {PREFIX}KEYS_FILE "
                f"(python -m api keys new NAME), or set {PREFIX}ALLOW_OPEN=true"
            )
        return self

    @property
    def assessment_room(self) -> int:
        """How many assessments there may be at the same time, computed or waiting."""
        return self.assessment_workers + self.assessment_queue

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def private(self) -> bool:
        """Whether only this machine can reach the service, no proxy in front of it either."""
        return self.loopback and not self.trusted_proxies and not self.root_path
