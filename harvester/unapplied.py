"""Up to which page the catalogue has everything, while several sources bring pages."""

from __future__ import annotations

from collections.abc import Mapping


class Unapplied:
    """The pages that this command has kept and that are not in the catalogue yet.

    Pages are numbered as they are kept, but several sources are harvested at once, and each asks
    for a page while the one before is stored: a page may be in the catalogue before one with a
    lower number. Should the command be killed, the next one applies what follows the mark, so the
    mark may be too low but never too high. Callers hold the lock of the workspace.
    """

    def __init__(self) -> None:
        self._kept: dict[int, list[int]] = {}
        self._held: dict[int, int] = {}
        self._last = 0

    def kept(self, source: int, page: int) -> None:
        """Note a page of a source that was kept."""
        self._kept.setdefault(source, []).append(page)
        self._last = max(self._last, page)

    def hold(self, source: int) -> None:
        """Keep the mark where it is until the source has ended.

        A page may prove something after the pages that come next: that records are gone.
        """
        self._held[source] = self._last

    def mark(self, reached: Mapping[int, int]) -> int:
        """Return the page up to which all is in the catalogue, once pages of sources are there.

        Args:
            reached: the last of these pages, by its source.
        """
        left = [
            waiting - 1
            for owner, waitings in self._kept.items()
            for waiting in waitings
            if waiting > reached.get(owner, 0)
        ]
        return min([*left, *self._held.values(), max(self._last, *reached.values())])

    def applied(self, reached: Mapping[int, int]) -> None:
        """Note that pages of sources are in the catalogue, by source the last one.

        Earlier ones of a source that are not were answers that nothing could be made of: a
        source's pages are stored in the order in which they came.
        """
        for source, page in reached.items():
            self._kept[source] = [later for later in self._kept.get(source, []) if later > page]
            self._last = max(self._last, page)

    def ended(self, source: int) -> int:
        """Note that a source has ended and all that it brought is in the catalogue.

        Returns:
            The page up to which all is in the catalogue.
        """
        self._kept.pop(source, None)
        self._held.pop(source, None)
        return self.mark({source: 0})
