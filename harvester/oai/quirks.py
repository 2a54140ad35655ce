"""What a server does otherwise than the protocol says: found by asking, remembered per source."""

from __future__ import annotations

import msgspec


class Quirks(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """The ways of one server; what is false is as the protocol says.

    Attributes:
        days_only: it takes no date with a time, whatever Identify says (nakala.fr).
        ignores_dates: it lists everything, whatever `from` and `until` say (SRDA, older OJS).
        empty_units: it finds nothing where `from` equals `until` (DSpace 4 to 5.2).
        verbatim_token: it takes a resumption token only as it was sent, not percent-encoded
            (dash.harvard.edu).
        raw_token: it takes a resumption token only with the blanks around it.
        prefix_with_token: it wants `metadataPrefix` beside a resumption token (ruby-oai#107).
        wrong_size: its `completeListSize` is no count of the list. Nothing can prove that, so it
            is never found, only told by the librarian.
    """

    days_only: bool = False
    ignores_dates: bool = False
    empty_units: bool = False
    verbatim_token: bool = False
    raw_token: bool = False
    prefix_with_token: bool = False
    wrong_size: bool = False

    def joined(self, other: Quirks) -> Quirks:
        """Return the ways of both."""
        return Quirks(
            **{name: getattr(self, name) or getattr(other, name) for name in self.__struct_fields__}
        )
