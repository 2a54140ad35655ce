"""Who asks, under which name of this host, and how much one client may ask for."""

from __future__ import annotations

import ipaddress
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from harvester.errors import UsageError

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
MOST_CLIENTS = 10_000
"""How many clients are remembered; who has not come for the longest time is forgotten first."""

_HOST = re.compile(
    r"(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9._-]{1,253}))(?::[0-9]{1,5})?", re.IGNORECASE
)

Limited = Literal["remote", "all", "none"]


class Policy(msgspec.Struct, frozen=True):
    """Whom a public site answers, and how much.

    Attributes:
        hosts: the names it answers to, besides those of this machine itself.
        proxies: addresses and networks whose `X-Forwarded-For` and `-Proto` are believed.
        limited: which clients the limits hold for: all but those of this machine, all, or none.
    """

    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    limited: Limited = "remote"


class Rate(msgspec.Struct, frozen=True):
    """How often something may be done: so often at once, and so often a minute in the long run."""

    at_once: int
    a_minute: int


SEARCHES = Rate(at_once=100, a_minute=120)
DOWNLOADS = Rate(at_once=10, a_minute=10)
MOST_OPEN = 4
"""How many whole results one client may be downloading at once."""


class Buckets:
    """A token bucket for each client, in bounded memory."""

    def __init__(
        self,
        rate: Rate,
        *,
        most: int = MOST_CLIENTS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with a full bucket for everybody.

        Args:
            rate: how many tokens a bucket holds, and how many it gets a minute.
            most: how many buckets are kept.
            clock: gives seconds that never go back.
        """
        self.rate = rate
        self._most = most
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, client: str) -> int:
        """Take one token out of the client's bucket.

        Returns:
            0, or the whole seconds until there will be a token, when there is none.
        """
        now = self._clock()
        a_second = self.rate.a_minute / 60
        tokens, since = self._buckets.pop(client, (float(self.rate.at_once), now))
        tokens = min(self.rate.at_once, tokens + (now - since) * a_second)
        wait = 0
        if tokens >= 1:
            tokens -= 1
        else:
            wait = math.ceil((1 - tokens) / a_second)
        self._buckets[client] = (tokens, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return wait


def policy(hosts: Sequence[str], proxies: Sequence[str], limits: bool | None) -> Policy:
    """Read a policy from what was written on a command line.

    Args:
        hosts: names that the site answers to.
        proxies: addresses, or networks such as `10.0.0.0/8`.
        limits: whether they hold for everybody, or for nobody; None for all but this machine.

    Raises:
        UsageError: what is given is no name, or no address.
    """
    for host in hosts:
        if host_name(host) is None:
            raise UsageError(
                f"--allowed-host {host} is no name of a host: write it without scheme and path, "
                "such as literature.example.org"
            )
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError as error:
            raise UsageError(
                f"--trusted-proxy {proxy} is no address or network ({error}): "
                "write it such as 127.0.0.1 or 10.0.0.0/8"
            ) from error
    limited: Limited = "remote" if limits is None else "all" if limits else "none"
    return Policy(tuple(hosts), tuple(proxies), limited)


def key(address: str | None) -> str:
    """The client that an address stands for: itself, or for IPv6 the /64 that one customer has.

    What is no address (a socket of this machine, a forged header) is one client together.
    """
    found = _parsed(address)
    if found is None:
        return "unknown"
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def is_loopback(address: str | None) -> bool:
    """Whether an address is one of this machine itself."""
    found = _parsed(address)
    return found is not None and found.is_loopback


def is_limited(policy: Policy, address: str | None) -> bool:
    """Whether the limits of a policy hold for who comes from an address."""
    if policy.limited == "remote":
        return not is_loopback(address)
    return policy.limited == "all"


def host_name(header: str) -> str | None:
    """The name in a `Host` header, in small letters and without port; None if it is malformed."""
    match = _HOST.fullmatch(header)
    if match is None:
        return None
    return (match[1] or match[2]).lower().removesuffix(".")


def known_names(hosts: Iterable[str]) -> frozenset[str]:
    """The names of this machine itself and those given, as `host_name` writes them."""
    return LOOPBACK_NAMES | {host_name(host) or host for host in hosts}


def _parsed(address: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped
    return found
