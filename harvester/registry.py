"""Finds what packages bring by name: the formats that are read, the formats that are written.

The built-in ones are named in `pyproject.toml` in the same entry-point groups as a third party's.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, TypeVar

from harvester.errors import HarvesterError


class Named(Protocol):
    """Anything that says what it is called."""

    @property
    def name(self) -> str:
        """The name, as users and entry points write it."""


_Named = TypeVar("_Named", bound=Named)


def load(group: str, kind: type[_Named]) -> dict[str, _Named]:
    """Load every object of an entry-point group, by name and in the order of the names.

    A package that is installed twice, say from a checkout and from a wheel, lists its objects
    twice: that is no conflict. Nothing is kept; callers cache what they get.

    Args:
        group: the group, such as `harvester.export`.
        kind: what every object must be.

    Raises:
        HarvesterError: an object cannot be loaded, is of another kind, calls itself otherwise
            than its entry, or two packages claim one name; the message names entry and package.
    """
    found: dict[str, _Named] = {}
    targets: dict[str, str] = {}
    for entry in sorted(entry_points(group=group), key=lambda entry: (entry.name, entry.value)):
        if targets.get(entry.name) == entry.value:
            continue
        if entry.name in found:
            raise _broken(entry, f"{targets[entry.name]} has that name already")
        found[entry.name] = _load(entry, kind)
        targets[entry.name] = entry.value
    return found


def _load(entry: EntryPoint, kind: type[_Named]) -> _Named:
    try:
        loaded = entry.load()
    except Exception as error:  # whatever a foreign package does when it is imported
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise _broken(entry, f"it cannot be loaded: {said}") from error
    if not isinstance(loaded, kind):
        wanted = f"{kind.__module__}.{kind.__qualname__}"
        raise _broken(entry, f"it is a {type(loaded).__name__}, not a {wanted}")
    if loaded.name != entry.name:
        raise _broken(entry, f"it calls itself {loaded.name}")
    return loaded


def _broken(entry: EntryPoint, what: str) -> HarvesterError:
    package = f"package {entry.dist.name}" if entry.dist else "a package without a name"
    return HarvesterError(
        f"{entry.group}: {entry.name} = {entry.value} of {package} cannot be used: {what}: "
        "mend or uninstall that package"
    )
