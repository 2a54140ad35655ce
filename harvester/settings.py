"""The data directory and what the librarian wrote there: `config.yml` and `schemas/`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from harvester import faults, schemas, sources
from harvester.errors import HarvesterError, UsageError
from harvester.sources import Source

DAY = 86_400.0
"""Seconds: the longest that a server may be waited for."""


class Politeness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a server is asked.

    Attributes:
        delay: seconds between two requests to one server.
        connect_timeout: seconds until a connection must stand.
        read_timeout: seconds of silence until an answer counts as dead.
    """

    delay: Annotated[float, msgspec.Meta(ge=0, le=DAY)] = 0.0
    connect_timeout: Annotated[float, msgspec.Meta(gt=0, le=DAY)] = 15.0
    read_timeout: Annotated[float, msgspec.Meta(gt=0, le=DAY)] = 120.0


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """User and password for a source behind HTTP basic authentication."""

    user: str
    password: str


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shape of `config.yml`; every part is optional.

    Attributes:
        contact: an e-mail address or URL, sent to servers so that they can reach a person.
        sources: the librarian's own sources, or changed facts of shipped ones, as in
            `schemas/sources.yml`.
        credentials: by source name; a secret is written `{$env: NAME}`.
    """

    contact: str | None = None
    politeness: Politeness = Politeness()
    sources: dict[str, Any] = {}
    credentials: dict[str, Credentials] = {}


class Settings(msgspec.Struct, frozen=True):
    """Everything a command needs to know about this installation."""

    directory: Path
    config: Config
    sources: sources.Sources

    @property
    def overlay(self) -> Path:
        """The folder of table rows that the librarian laid over the shipped ones."""
        return self.directory / "schemas"

    def credentials(self, source: str) -> tuple[str, str] | None:
        """Return user and password for a source, if it needs them."""
        found = self.config.credentials.get(source)
        return (found.user, found.password) if found else None


def load(directory: Path) -> Settings:
    """Read `config.yml` and the source catalogue; the directory is made if it is missing.

    Raises:
        UsageError: the configuration does not fit, and where.
        HarvesterError: the directory cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HarvesterError(f"{directory} cannot be used for the data: {error}") from error
    path = directory / "config.yml"
    data = schemas.read_yaml(path) if path.is_file() else {}
    try:
        config = msgspec.convert(_with_environment(data), Config)
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {error}") from error
    table = schemas.load("sources.yml", directory / "schemas")
    for name, facts in config.sources.items():
        shipped = table.get(name)
        table[name] = {**shipped, **facts} if shipped and isinstance(facts, dict) else facts
    files = {path: ("sources",), directory / "schemas" / "sources.yml": ()}
    found = Settings(directory, config, _catalogue(table, files))
    _check(found)
    return found


def _catalogue(
    table: Mapping[str, Any], files: Mapping[Path, tuple[str, ...]]
) -> dict[str, Source]:
    """Build the catalogue of sources; what is wrong with one is told with its file and line.

    Args:
        table: facts by name.
        files: where facts may stand, the uppermost first, and the keys that lead to them there.
    """
    found = {}
    for name, facts in table.items():
        try:
            found.update(sources.from_table({name: facts}))
        except UsageError as error:
            for path, keys in files.items():
                depth, line = faults.line(path, (*keys, name)) if path.is_file() else (0, 0)
                if depth > len(keys):
                    raise UsageError(f"{path}, line {line}: {error}") from error
            raise
    return found


def _check(settings: Settings) -> None:
    """Refuse what would be passed over in silence.

    Raises:
        UsageError: a table that is laid over none, or a source with a platform that has no profile.
    """
    shipped = schemas.shipped("schemas")
    profiles = {path.stem for path in (shipped / "profiles").glob("*.yml")}
    for path in sorted(settings.overlay.rglob("*")):
        name = path.relative_to(settings.overlay)
        if name.parent.name == "profiles" and name.suffix == ".yml":
            profiles.add(name.stem)
        elif name.match(schemas.STYLES) or _is_of_an_editor(name):
            continue
        elif path.is_file() and not ((shipped / name).is_file() and name.suffix == ".yml"):
            tables = ", ".join(sorted(table.name for table in shipped.glob("*.yml")))
            raise UsageError(f"{path} is laid over no table: those are {tables}")
    for source in settings.sources.values():
        if source.platform not in profiles:
            raise UsageError(
                f"source {source.name}: there is no platform {source.platform!r}: "
                f"take one of {', '.join(sorted(profiles))}"
            )


def _is_of_an_editor(name: Path) -> bool:
    """Say whether a file is hidden or a copy, as editors and file managers leave them."""
    return name.name.endswith("~") or any(part.startswith(".") for part in name.parts)


def _with_environment(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Replace each `{$env: NAME}` by that environment variable."""
    if isinstance(value, dict):
        if set(value) == {"$env"}:
            name = str(value["$env"])
            if name not in os.environ:
                raise UsageError(f"config.yml needs the environment variable {name}: set it")
            return os.environ[name]
        return {key: _with_environment(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_environment(item) for item in value]
    return value
