"""What stands before an answer, or in its place: a DOCTYPE, a web server's words, another page.

Of a DOCTYPE nothing is ever read, so no entity that it declares can be expanded or fetched.
"""

from __future__ import annotations

import codecs
import re

from harvester.oai import encoding
from harvester.oai.received import NotOaiError

_SPACE = b" \t\r\n"
_MAX_DOCTYPE = 64 * 1024
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_DOCTYPE_STEP = re.compile(r"""<!--|<\?|["'\[\]>]""")
_CLOSES = {"<!--": "-->", "<?": "?>", '"': '"', "'": "'"}
_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>")
_ANSWER = re.compile(r"<(?:(?i:!DOCTYPE)|(?:[\w.-]+:)?OAI-PMH(?=[\s/>]))")
_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_HTML_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_SNIFFED = 2048
_ENDLESS = "the answer begins with a DOCTYPE that does not end, and was not read"


def plain(content: bytes) -> bytes:
    """Return an answer from its first `<`, in an encoding in which markup is ASCII.

    A byte-order mark and leading blank lines are passed over, a DOCTYPE is cut out.

    Raises:
        NotOaiError: it is empty, or begins with something else.
        UnicodeDecodeError: it says that it is UTF-16 or UTF-32, and is not.
    """
    wide = encoding.wide(content)
    if wide is not None:
        text = content.decode(wide).lstrip("\ufeff \t\r\n")
        declaration = _DECLARATION.match(text)  # it names the encoding that is gone now
        content = text[declaration.end() if declaration else 0 :].encode()
    content = content.lstrip(_SPACE)
    while content.startswith(codecs.BOM_UTF8):
        content = content[len(codecs.BOM_UTF8) :].lstrip(_SPACE)
    if not content:
        raise NotOaiError("the answer is empty", cut_off=True)
    if not content.startswith(b"<"):
        raise NotOaiError(html(content) or f"the answer is no XML: it begins with {_said(content)}")
    return _without_doctype(content)


def answer(text: str) -> str | None:
    """Return a text from its `<OAI-PMH>`, without the notices of PHP and a DOCTYPE before it.

    Returns:
        None where there is no such element.

    Raises:
        NotOaiError: a DOCTYPE does not end.
    """
    position = 0
    while found := _ANSWER.search(text, position):
        if found.group()[1] != "!":
            return text[found.start() :]
        end = end_of_doctype(text, found.start())
        if end is None:
            raise NotOaiError(_ENDLESS)
        position = end
    return None


def html(content: bytes) -> str | None:
    """Say that an answer is an HTML page, and which; None where it is none."""
    if not _HTML.search(content[:_SNIFFED]):
        return None
    title = _HTML_TITLE.search(content[:65_536])
    named = f" titled {_said(title.group(1))}" if title else ""
    return f"the answer is an HTML page{named}, not OAI-PMH"


def printable(text: str, limit: int = 160) -> str:
    """Return a server's words fit for one line: no control characters, cut to a length."""
    text = "".join(char for char in " ".join(text[: 4 * limit].split()) if char.isprintable())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def end_of_doctype(text: str, start: int) -> int | None:
    """Return where a DOCTYPE ends; its internal subset may hold `>` in quotes and brackets.

    Args:
        text: any text.
        start: where `<!DOCTYPE` stands in it.

    Returns:
        The place behind its `>`; None where there is none within 64 KiB.
    """
    position = start + len("<!DOCTYPE")
    limit = start + _MAX_DOCTYPE
    depth = 0
    while found := _DOCTYPE_STEP.search(text, position, limit):
        step, position = found.group(), found.end()
        if step in _CLOSES:
            end = text.find(_CLOSES[step], position, limit)
            if end < 0:
                break
            position = end + len(_CLOSES[step])
        elif step == "[":
            depth += 1
        elif step == "]":
            depth -= 1
        elif depth <= 0:
            return position
    return None


def _without_doctype(content: bytes) -> bytes:
    position = 0
    while True:
        start = content.find(b"<", position)
        if start < 0:
            return content
        if content.startswith(b"<?", start):
            end = content.find(b"?>", start)
        elif content.startswith(b"<!--", start):
            end = content.find(b"-->", start + 4)
        elif _DOCTYPE.match(content, start):
            return content[:start] + content[_behind_doctype(content, start) :]  # XML allows one
        else:
            return content
        if end < 0:
            return content
        position = end


def _behind_doctype(content: bytes, start: int) -> int:
    if _HTML.match(content, start):
        raise NotOaiError(html(content[start:]) or _ENDLESS)
    end = end_of_doctype(content[start : start + _MAX_DOCTYPE].decode("latin-1"), 0)
    if end is None:
        raise NotOaiError(_ENDLESS)
    return start + end


def _said(content: bytes) -> str:
    return f"“{printable(content[:240].decode('utf-8', 'replace'), 60)}”"
