"""Three sample repositories on this machine, for a demonstration, for tests and for the docs.

They speak OAI-PMH 2.0 over HTTP and hold invented social science of the Benelux in French, Dutch,
German and English, written as the real platforms write it: ORBi, Pure, and what BASE makes of
them. Titles, persons, journals and abstracts are invented; only the reference record is real.

    with running() as sources:
        print(sources["sample-orbi"].urls[0] + "?verb=Identify")
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from harvester.sample.holdings import truth
from harvester.sample.provider import serve
from harvester.sample.repository import repositories, sources
from harvester.sample.work import works
from harvester.sources import Source

__all__ = ["running", "sources", "truth", "works"]


@contextmanager
def running() -> Iterator[dict[str, Source]]:
    """Run the three providers on free ports of the loopback interface, until the block is left.

    Yields:
        The sources by name (`sample-orbi`, `sample-base`, `sample-pure`) with their addresses.
    """
    with ExitStack() as stack:
        started = {
            name: stack.enter_context(serve(repository))
            for name, repository in repositories().items()
        }
        yield sources(started)
