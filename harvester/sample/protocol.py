"""The OAI-PMH 2.0 protocol on the provider's side: from arguments to an XML answer, without HTTP.

Section numbers are those of the specification,
https://www.openarchives.org/OAI/2.0/openarchivesprotocol.htm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape, quoteattr

import msgspec

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ \
http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
"""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
Arguments = Sequence[tuple[str, str]]


class Format(msgspec.Struct, frozen=True):
    """A metadata format: its prefix, schema and namespace."""

    prefix: str
    schema: str
    namespace: str


class Item(msgspec.Struct, frozen=True):
    """One item of a repository.

    Attributes:
        identifier: OAI identifier.
        datestamp: `YYYY-MM-DDThh:mm:ssZ`.
        sets: setSpecs.
        metadata: by prefix the XML of its record; empty if the item is deleted.
    """

    identifier: str
    datestamp: str
    sets: tuple[str, ...]
    metadata: Mapping[str, str]

    @property
    def deleted(self) -> bool:
        """Whether only a tombstone is left."""
        return not self.metadata


class Repository(msgspec.Struct, frozen=True):
    """What a provider serves.

    Attributes:
        name: repositoryName of Identify.
        path: path of its base URL, `/oai/request`.
        email: adminEmail of Identify.
        formats: what records are served in; all items in all of them.
        sets: by setSpec the set's name.
        items: oldest datestamp first.
        page_size: records a page.
    """

    name: str
    path: str
    email: str
    formats: tuple[Format, ...]
    sets: Mapping[str, str]
    items: tuple[Item, ...]
    page_size: int


class ProtocolError(Exception):
    """An error of section 3.6: its code, and a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a list request asks for, and from which record on; the state of a resumption token."""

    prefix: str
    set_spec: str = ""
    from_: str = ""
    until: str = ""
    offset: int = 0


def answer(repository: Repository, base_url: str, arguments: Arguments, now: datetime) -> bytes:
    """Answer a request.

    Args:
        repository: what is served.
        base_url: the address that the request came to.
        arguments: all arguments in their order, repeated ones too.
        now: the time of the answer, in UTC.

    Returns:
        The whole XML document; errors of the protocol are answers too.
    """
    shown: Arguments = arguments
    try:
        body = _dispatch(repository, base_url, arguments)
    except ProtocolError as error:
        if error.code in ("badVerb", "badArgument"):
            shown = ()  # 3.2: then the request has no attributes
        body = f"<error code={quoteattr(error.code)}>{escape(str(error))}</error>"
    return _document(base_url, shown, now, body)


def refuse(base_url: str, now: datetime) -> bytes:
    """Answer as BASE answers addresses that it does not know.

    The code is BASE's own: a client must cope with codes that the specification lacks.
    """
    message = "This interface answers registered addresses only; ask its keepers for access."
    body = f'<error code="restrictedInterface">{message}</error>'
    return _document(base_url, (), now, body)


def _document(base_url: str, arguments: Arguments, now: datetime, body: str) -> bytes:
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in arguments)
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f"{HEAD}<responseDate>{stamp}</responseDate>\n"
        f"<request{attributes}>{escape(base_url)}</request>\n{body}\n</OAI-PMH>\n"
    ).encode()


def _dispatch(repository: Repository, base_url: str, arguments: Arguments) -> str:
    given = dict(arguments)
    verbs = [value for name, value in arguments if name == "verb"]
    if len(verbs) != 1:
        problem = "is repeated" if verbs else "is missing"
        raise ProtocolError("badVerb", f"The argument verb {problem}.")
    if verbs[0] not in VERBS:
        raise ProtocolError("badVerb", f"There is no verb {verbs[0]!r}.")
    required, optional, respond = VERBS[verbs[0]]
    names = [name for name, _ in arguments if name != "verb"]
    if len(names) != len(set(names)):
        raise ProtocolError("badArgument", "An argument is repeated.")
    if strange := set(names) - {*required, *optional}:
        raise ProtocolError("badArgument", f"Not an argument of {verbs[0]}: {sorted(strange)[0]}.")
    if "resumptionToken" in given and len(names) > 1:
        raise ProtocolError("badArgument", "A resumptionToken stands alone beside the verb.")
    missing = [name for name in required if name not in given]
    if missing and "resumptionToken" not in given:
        raise ProtocolError("badArgument", f"{verbs[0]} needs the argument {missing[0]}.")
    return respond(repository, base_url, given)


def _identify(repository: Repository, base_url: str, given: Mapping[str, str]) -> str:
    return (
        "<Identify>\n"
        f"<repositoryName>{escape(repository.name)}</repositoryName>\n"
        f"<baseURL>{escape(base_url)}</baseURL>\n"
        "<protocolVersion>2.0</protocolVersion>\n"
        f"<adminEmail>{escape(repository.email)}</adminEmail>\n"
        f"<earliestDatestamp>{repository.items[0].datestamp}</earliestDatestamp>\n"
        "<deletedRecord>persistent</deletedRecord>\n"
        "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity>\n"
        "<compression>gzip</compression>\n"
        "</Identify>"
    )


def _list_metadata_formats(repository: Repository, base_url: str, given: Mapping[str, str]) -> str:
    if "identifier" in given:
        _item(repository, given["identifier"])
    formats = "".join(
        f"<metadataFormat><metadataPrefix>{known.prefix}</metadataPrefix>"
        f"<schema>{known.schema}</schema>"
        f"<metadataNamespace>{known.namespace}</metadataNamespace></metadataFormat>\n"
        for known in repository.formats
    )
    return f"<ListMetadataFormats>\n{formats}</ListMetadataFormats>"


def _list_sets(repository: Repository, base_url: str, given: Mapping[str, str]) -> str:
    if "resumptionToken" in given:
        raise ProtocolError("badResumptionToken", "The list of sets has one page and no token.")
    sets = "".join(
        f"<set><setSpec>{escape(spec)}</setSpec><setName>{escape(name)}</setName></set>\n"
        for spec, name in repository.sets.items()
    )
    return f"<ListSets>\n{sets}</ListSets>"


def _get_record(repository: Repository, base_url: str, given: Mapping[str, str]) -> str:
    item = _item(repository, given["identifier"])
    _check_prefix(repository, given["metadataPrefix"])
    return f"<GetRecord>\n{_record(item, given['metadataPrefix'])}\n</GetRecord>"


def _list_records(repository: Repository, base_url: str, given: Mapping[str, str]) -> str:
    return _list(repository, "ListRecords", given, _record)


def _list_identifiers(repository: Repository, base_url: str, given: Mapping[str, str]) -> str:
    return _list(repository, "ListIdentifiers", given, lambda item, prefix: _header(item))


Respond = Callable[[Repository, str, Mapping[str, str]], str]
_LIST_ARGUMENTS = ("from", "until", "set", "resumptionToken")
# verb: required arguments, optional ones, what answers it
VERBS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Respond]] = {
    "Identify": ((), (), _identify),
    "ListMetadataFormats": ((), ("identifier",), _list_metadata_formats),
    "ListSets": ((), ("resumptionToken",), _list_sets),
    "GetRecord": (("identifier", "metadataPrefix"), (), _get_record),
    "ListRecords": (("metadataPrefix",), _LIST_ARGUMENTS, _list_records),
    "ListIdentifiers": (("metadataPrefix",), _LIST_ARGUMENTS, _list_identifiers),
}


def _list(
    repository: Repository,
    verb: str,
    given: Mapping[str, str],
    write: Callable[[Item, str], str],
) -> str:
    if "resumptionToken" in given:
        selection = _resume(repository, given["resumptionToken"])
    else:
        selection = _select(repository, given)
    items = _matching(repository, selection)
    if not items:
        raise ProtocolError("noRecordsMatch", "No record matches these arguments.")
    start, end = selection.offset, selection.offset + repository.page_size
    if start >= len(items):
        raise ProtocolError("badResumptionToken", "This list has no such page.")
    lines = [write(item, selection.prefix) for item in items[start:end]]
    if len(items) > repository.page_size:
        # 3.5: the last page of a list that had tokens has an empty one.
        token = _token(selection, end) if end < len(items) else ""
        lines.append(
            f'<resumptionToken completeListSize="{len(items)}" cursor="{start}">'
            f"{escape(token)}</resumptionToken>"
        )
    return f"<{verb}>\n" + "\n".join(lines) + f"\n</{verb}>"


def _select(repository: Repository, given: Mapping[str, str]) -> _Selection:
    from_, until = given.get("from", ""), given.get("until", "")
    for name, date in (("from", from_), ("until", until)):
        if name in given and not _is_date(date):
            raise ProtocolError("badArgument", f"The argument {name} is no date: {date!r}.")
    if from_ and until and len(from_) != len(until):
        raise ProtocolError("badArgument", "from and until differ in granularity.")
    if from_ and until and from_ > until:
        raise ProtocolError("badArgument", "from is later than until.")
    _check_prefix(repository, given["metadataPrefix"])
    return _Selection(given["metadataPrefix"], given.get("set", ""), from_, until)


def _is_date(text: str) -> bool:
    if not (DAY.fullmatch(text) or SECOND.fullmatch(text)):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _matching(repository: Repository, selection: _Selection) -> list[Item]:
    first = selection.from_ if "T" in selection.from_ else f"{selection.from_}T00:00:00Z"
    last = selection.until if "T" in selection.until else f"{selection.until}T23:59:59Z"
    return [
        item
        for item in repository.items
        if (not selection.from_ or item.datestamp >= first)
        and (not selection.until or item.datestamp <= last)
        and (not selection.set_spec or _within(item, selection.set_spec))
    ]


def _within(item: Item, spec: str) -> bool:
    """Say whether an item is in a set or in one below it: sets form a hierarchy (2.6)."""
    return any(held == spec or held.startswith(f"{spec}:") for held in item.sets)


def _token(selection: _Selection, offset: int) -> str:
    state = msgspec.structs.asdict(msgspec.structs.replace(selection, offset=offset))
    return urlencode({name: value for name, value in state.items() if value != ""})


def _resume(repository: Repository, token: str) -> _Selection:
    bad = ProtocolError("badResumptionToken", "This token was not given out here.")
    try:
        pairs = parse_qsl(token, strict_parsing=True)
        selection = msgspec.convert(dict(pairs), _Selection, strict=False)
    except (ValueError, msgspec.ValidationError) as error:
        raise bad from error
    if selection.offset <= 0 or selection.offset % repository.page_size:
        raise bad
    if selection.prefix not in {known.prefix for known in repository.formats}:
        raise bad
    return selection


def _check_prefix(repository: Repository, prefix: str) -> None:
    if prefix not in {known.prefix for known in repository.formats}:
        raise ProtocolError("cannotDisseminateFormat", f"No records in the format {prefix!r}.")


def _item(repository: Repository, identifier: str) -> Item:
    for item in repository.items:
        if item.identifier == identifier:
            return item
    raise ProtocolError("idDoesNotExist", f"There is no item {identifier!r}.")


def _header(item: Item) -> str:
    sets = "".join(f"<setSpec>{escape(spec)}</setSpec>" for spec in item.sets)
    status = ' status="deleted"' if item.deleted else ""
    return (
        f"<header{status}><identifier>{escape(item.identifier)}</identifier>"
        f"<datestamp>{item.datestamp}</datestamp>{sets}</header>"
    )


def _record(item: Item, prefix: str) -> str:
    if item.deleted:
        return f"<record>{_header(item)}</record>"
    return f"<record>{_header(item)}<metadata>\n{item.metadata[prefix]}\n</metadata></record>"
