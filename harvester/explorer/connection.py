"""A connection to a reader: none that does nothing is held for long, and no client holds all."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from harvester.explorer.clients import Policy, is_limited, key

IDLE_SECONDS = 20
"""As long may a connection ask for nothing, or take nothing of an answer that was written."""

STALLED_SECONDS = 150
"""As long may a reader take nothing of an answer that waits; a download gives up before."""

MOST_OF_ONE = 100
"""How many connections one client may hold at once; a browser opens six."""


class Connection(H11Protocol):
    """A connection that is closed when it does nothing, or when its client holds too many."""

    def __init__(self, policy: Policy, **given: Any) -> None:  # noqa: ANN401 - uvicorn's own
        """Prepare.

        Args:
            policy: which clients are limited.
            given: what uvicorn makes a connection of.
        """
        super().__init__(**given)
        self._policy = policy
        self._watching: asyncio.TimerHandle | None = None
        self._stalling: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch it, or close it at once."""
        super().connection_made(transport)
        if self._has_too_many():
            transport.close()
            return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch it no more."""
        if self._watching:
            self._watching.cancel()
        if self._stalling:
            self._stalling.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the reader, but not for ever."""
        super().pause_writing()
        self._stall()

    def resume_writing(self) -> None:
        """Wait no more: the reader reads."""
        super().resume_writing()
        if self._stalling:
            self._stalling.cancel()

    def _stall(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._stalling = self.loop.call_later(STALLED_SECONDS, self._give_up, waiting)

    def _give_up(self, waiting: int) -> None:
        """Close it where its reader has taken nothing since; who reads slowly goes on."""
        if self.transport.get_write_buffer_size() < waiting:
            self._stall()
        else:
            self.transport.abort()

    def _watch(self) -> None:
        cycle, waiting = self.cycle, self.transport.get_write_buffer_size()
        self._watching = self.loop.call_later(IDLE_SECONDS, self._look, cycle, waiting)

    def _look(self, cycle: object, waiting: int) -> None:
        """Close it where it has done nothing since it was looked at last."""
        answering = bool(self.cycle) and not self.cycle.response_complete
        answering = answering and not self.transport.is_closing()
        taken = self.transport.get_write_buffer_size() < waiting
        if self.cycle is cycle and not answering and not taken:
            self.transport.abort()
        else:
            self._watch()

    def _has_too_many(self) -> bool:
        address = self.client[0] if self.client else None
        if not is_limited(self._policy, address) or _is_proxy(self._policy, address):
            return False
        client = key(address)
        others = (one.client for one in self.connections if isinstance(one, H11Protocol))
        return sum(key(other[0]) == client for other in others if other) > MOST_OF_ONE


def _is_proxy(policy: Policy, address: str | None) -> bool:
    """Whether all readers come from an address."""
    return address is not None and any(
        ipaddress.ip_address(address) in ipaddress.ip_network(proxy) for proxy in policy.proxies
    )
