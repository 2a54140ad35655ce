"""Who asks, under which name, and how often."""

from __future__ import annotations

import pytest

from harvester.errors import UsageError
from harvester.explorer import clients
from harvester.explorer.clients import Buckets, Policy, Rate


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_tells_how_long_and_fills_again() -> None:
    clock = Clock()
    buckets = Buckets(Rate(at_once=3, a_minute=6), clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 10]
    clock.now += 4
    assert buckets.take("a") == 6
    clock.now += 6
    assert [buckets.take("a") for _ in range(2)] == [0, 10]
    clock.now += 3600
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 10]


def test_who_is_refused_does_not_wait_longer_for_asking() -> None:
    clock = Clock()
    buckets = Buckets(Rate(at_once=1, a_minute=60), clock=clock)
    assert buckets.take("a") == 0
    for _ in range(9):
        clock.now += 0.1
        assert buckets.take("a") == 1
    clock.now += 0.1001
    assert buckets.take("a") == 0


def test_clients_do_not_share_a_bucket() -> None:
    buckets = Buckets(Rate(at_once=1, a_minute=1), clock=Clock())
    assert [buckets.take(client) for client in "abab"] == [0, 0, 60, 60]


def test_many_addresses_take_no_more_memory_and_the_longest_silent_is_forgotten() -> None:
    buckets = Buckets(Rate(at_once=1, a_minute=1), most=100, clock=Clock())
    assert buckets.take("busy") == 0
    for number in range(1000):
        assert buckets.take(f"10.0.{number // 256}.{number % 256}") == 0
        assert buckets.take("busy") == 60
    assert len(buckets) == 100


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unknown"),
        ("<script>", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_address_stands_for_a_client(address: str | None, client: str) -> None:
    assert clients.key(address) == client


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("203.0.113.9", False),
        ("localhost", False),
        (None, False),
    ],
)
def test_loopback_is_this_machine(address: str | None, loopback: bool) -> None:
    assert clients.is_loopback(address) is loopback


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Literature.Example.org", "literature.example.org"),
        ("literature.example.org:8001", "literature.example.org"),
        ("literature.example.org.", "literature.example.org"),
        ("[::1]:8001", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("", None),
        ("a b", None),
        ("a/b", None),
        ("user@host", None),
        ("host:port", None),
        ("host:80:80", None),
        ("evil.example\n", None),
        ("h" * 254, None),
        ("é.example", None),
    ],
)
def test_a_host_header_names_a_host_or_nothing(header: str, name: str | None) -> None:
    assert clients.host_name(header) == name


@pytest.mark.parametrize(("limits", "limited"), [(None, "remote"), (True, "all"), (False, "none")])
def test_a_policy_is_read_from_the_command_line(limits: bool | None, limited: str) -> None:
    read = clients.policy(("a.example",), ("127.0.0.1", "10.0.0.0/8", "::1"), limits)
    assert read == Policy(("a.example",), ("127.0.0.1", "10.0.0.0/8", "::1"), limited)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hosts", "proxies", "line"),
    [
        (("https://a.example/",), (), "is no name of a host"),
        (("",), (), "is no name of a host"),
        ((), ("nginx",), "is no address or network"),
        ((), ("10.0.0.1/8",), "is no address or network"),
    ],
)
def test_what_is_no_policy_is_refused_in_one_line(
    hosts: tuple[str, ...], proxies: tuple[str, ...], line: str
) -> None:
    with pytest.raises(UsageError, match=line) as error:
        clients.policy(hosts, proxies, None)
    assert "\n" not in str(error.value)
