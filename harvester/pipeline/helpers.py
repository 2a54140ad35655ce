"""Processes that understand records, while this one asks servers and writes.

What they need travels through their standard input, and comes back through their standard output:
first the tables, then one message a page. They are started once pages wait for being understood,
and end with their input, be it that this process was killed. Where one dies, as when the memory of
the machine is used up, its page is understood here, and so are all that follow.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from queue import LifoQueue
from typing import IO

import msgspec

from harvester.normalise.tables import Tables
from harvester.pipeline.understanding import Outcome, Word, make
from harvester.sources import Source

log = logging.getLogger("harvester")

MOST = 4
"""How many processes help at most; more would wait for the one that writes."""

PATIENCE = 10.0
"""Seconds for which the end of a process is waited for."""

_SELDOM = (10_000, 20, 20)
"""When to look for circles of objects, of which hardly any arise, see `gc.set_threshold`."""

_LENGTH = struct.Struct(">I")
_ENCODER = msgspec.msgpack.Encoder()


class Task(msgspec.Struct, frozen=True):
    """Records of one source that are to be understood."""

    facts: Source
    words: list[Word]


_TASK = msgspec.msgpack.Decoder(Task)
_OUTCOMES = msgspec.msgpack.Decoder(list[Outcome])


class Helpers:
    """The processes of one command; several threads may hand them pages."""

    def __init__(self, tables: Tables, most: int | None = None) -> None:
        """Start nothing yet.

        Args:
            tables: the knowledge that records are understood with.
            most: how many processes; None means as many as may run at once, `MOST` at most.
        """
        self._tables = tables
        self._most = min(_processors(), MOST) if most is None else most
        self._pool: ThreadPoolExecutor | None = None
        self._idle: LifoQueue[_Process | None] = LifoQueue()
        self._started: list[_Process] = []
        self._lost = False
        self._usual = gc.get_threshold()

    @property
    def running(self) -> bool:
        """Whether there are processes that take records."""
        return self._pool is not None and not self._lost

    def start(self) -> None:
        """Let processes help from now on, unless some do already or were lost."""
        if self._pool is None and not self._lost and self._most and sys.executable:
            self._pool = ThreadPoolExecutor(self._most, thread_name_prefix="helper")
            for _ in range(self._most):
                self._idle.put(None)
            # A long task begins: what was loaded stays, and what waits is not looked at each time.
            gc.freeze()
            gc.set_threshold(*_SELDOM)

    def understand(self, words: list[Word], facts: Source) -> tuple[int, Future[list[Outcome]]]:
        """Let a process do what `understanding.make` does.

        Returns:
            how many bytes the records have on their way there, and what will be made of them.
        """
        assert self._pool is not None, "start() comes first"
        task = _ENCODER.encode(Task(facts, words))
        try:
            return len(task), self._pool.submit(self._understand, task)
        except RuntimeError as error:  # the machine gives no thread
            self._lose(error)
            here: Future[list[Outcome]] = Future()
            here.set_result(make(words, facts, self._tables))
            return len(task), here

    def close(self) -> None:
        """End the processes, once each has done what it is at."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            gc.set_threshold(*self._usual)
            gc.unfreeze()
        for process in self._started:
            process.end()

    def _understand(self, task: bytes) -> list[Outcome]:
        if not self._lost:
            try:
                return self._elsewhere(task)
            except Exception as error:  # whatever it is, this process is needed no more
                self._lose(error)
        here = _TASK.decode(task)
        return make(here.words, here.facts, self._tables)

    def _elsewhere(self, task: bytes) -> list[Outcome]:
        process = self._idle.get()
        if process is None:
            process = _Process()
            self._started.append(process)
            process.learn(self._tables)
        answer = _OUTCOMES.decode(process.ask(task))
        self._idle.put(process)
        return answer

    def _lose(self, error: Exception) -> None:
        """Let no process help any more."""
        self._lost = True
        trace = None if isinstance(error, _LostError) else error
        log.warning("no process helps any more: records are read here: %s", error, exc_info=trace)


@contextmanager
def helping(tables: Tables, most: int | None = None) -> Iterator[Helpers]:
    """Give helpers for as long as a command runs; see `Helpers`."""
    with closing(Helpers(tables, most)) as helpers:
        yield helpers


class _LostError(Exception):
    """A process does not answer any more."""


class _Process:
    """One process, as the other side sees it."""

    def __init__(self) -> None:
        # -P: a data folder that holds a `json.py` is no place to import from.
        command = [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise _LostError(str(error)) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout

    def learn(self, tables: Tables) -> None:
        """Send the knowledge that records are understood with, before any of them."""
        self._send(pickle.dumps(tables, pickle.HIGHEST_PROTOCOL))

    def ask(self, message: bytes) -> bytes:
        """Send a message and wait for its answer."""
        self._send(message)
        answer = _receive(self._output)
        if answer is None:
            raise _LostError(f"exit code {self._process.wait()}")
        return answer

    def end(self) -> None:
        """Close its input, and wait until it has ended."""
        with suppress(OSError):  # it may have died with a part of a message unread
            self._input.close()
        self._output.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, message: bytes) -> None:
        try:
            _send(self._input, message)
        except OSError as error:
            raise _LostError(str(error)) from error


def _send(stream: IO[bytes], message: bytes) -> None:
    stream.write(_LENGTH.pack(len(message)))
    stream.write(message)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes | None:
    """Return the next message; None where there is no whole one any more."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    message = stream.read(length)
    return message if len(message) == length else None


def _processors() -> int:
    """Return how many processes may run at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def serve() -> None:
    """Understand what comes in, until nothing does any more."""
    # Who wants the command to end asks the process that harvests; this one ends with it, and
    # without a word.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    if (known := _receive(source)) is None:
        return
    tables: Tables = pickle.loads(known)
    gc.freeze()
    gc.disable()  # of a page nothing stays but what is remembered, which it would look at each time
    while (message := _receive(source)) is not None:
        task = _TASK.decode(message)
        _send(sink, _ENCODER.encode(make(task.words, task.facts, tables)))
        gc.collect(0)
