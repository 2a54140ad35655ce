"""The errors that a server reports in OAI-PMH, as Sickle's exceptions and as one line."""

from __future__ import annotations

from sickle import oaiexceptions

from harvester.oai.failures import AnswerError, BlockedError
from harvester.oai.page import OaiError, printable

EXCEPTIONS: dict[str, type[Exception]] = {
    "badArgument": oaiexceptions.BadArgument,
    "badResumptionToken": oaiexceptions.BadResumptionToken,
    "badVerb": oaiexceptions.BadVerb,
    "cannotDisseminateFormat": oaiexceptions.CannotDisseminateFormat,
    "idDoesNotExist": oaiexceptions.IdDoesNotExist,
    "noMetadataFormats": oaiexceptions.NoMetadataFormat,
    "noRecordsMatch": oaiexceptions.NoRecordsMatch,
    "noSetHierarchy": oaiexceptions.NoSetHierarchy,
}
_ADVICE = {
    "badArgument": "check the prefix, the set and the dates with `harvester sources check`",
    "badResumptionToken": "the list expired before its end, the next harvest asks for it again",
    "badVerb": "look up the repository's OAI-PMH address and correct it",
    "cannotDisseminateFormat": "`harvester sources check` lists the prefixes that it serves",
    "noRecordsMatch": "the list ended before its time, the next harvest asks for it again",
    "noSetHierarchy": "it has no sets, harvest it without one",
    "restrictedInterface": "it answers registered IP addresses only, register yours with the "
    "service (BASE has a form for it at www.base-search.net)",
}
_BLOCKING = frozenset(("restrictedInterface",))


class OtherOaiError(oaiexceptions.OAIError):
    """An error with a code of the server's own, such as BASE's `restrictedInterface`.

    Attributes:
        code: the code.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


OAI_ERRORS: tuple[type[Exception], ...] = (*EXCEPTIONS.values(), oaiexceptions.OAIError)
"""What the verbs raise when the server reports an OAI-PMH error; Sickle has no common base."""
ERRORS: tuple[type[Exception], ...] = (AnswerError, *OAI_ERRORS)
"""What asking a server raises."""


def oai_exception(error: OaiError) -> Exception:
    """Return Sickle's exception for an error that the server reports."""
    kind = EXCEPTIONS.get(error.code)
    return kind(error.message) if kind else OtherOaiError(error.code, error.message)


def code_of(error: Exception) -> str:
    """Return the OAI-PMH error code of one of `OAI_ERRORS`."""
    if isinstance(error, OtherOaiError):
        return error.code
    return next((code for code, kind in EXCEPTIONS.items() if isinstance(error, kind)), "")


def refusal(error: Exception, host: str) -> AnswerError:
    """Put an OAI-PMH error that a server reports into one line, with what to do."""
    code = code_of(error)
    said = f" ({printable(str(error))})" if str(error) else ""
    advice = _ADVICE.get(code, "ask the repository what it means")
    kind = BlockedError if code in _BLOCKING else AnswerError
    return kind(f"{host} answers {printable(code) or 'an error without a code'}{said}: {advice}")
