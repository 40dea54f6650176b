"""S3's XML: a small writer for answers and a strict reader for bodies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias
from xml.etree.ElementTree import Element, ParseError, XMLParser

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.http import HttpResponse

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

Value: TypeAlias = "str | int | bool | Sequence[tuple[str, Value]] | None"
Members: TypeAlias = "Sequence[tuple[str, Value]]"

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
# not in XML 1.0; S3 writes them as character references all the same, and so does this
_SPECIAL = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]')
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


class MalformedXML(AwsError):
    """The body is not the XML that the operation takes."""

    code = "MalformedXML"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            "The XML you provided was not well-formed or did not validate against our published schema"
        )


def document(root: str, members: Members) -> bytes:
    """An answer: members whose value is None are left out; nested lists are nested elements."""
    pieces = [_HEAD, f'<{root} xmlns="{NAMESPACE}">']
    _write(pieces, members)
    pieces.append(f"</{root}>")
    return "".join(pieces).encode("utf-8", "surrogatepass")


def answer(
    root: str, members: Members, *, status: int = 200, headers: Iterable[tuple[str, str]] = ()
) -> HttpResponse:
    """A response with an XML document."""
    return HttpResponse(status, [("content-type", "application/xml"), *headers], document(root, members))


def escaped(text: str) -> str:
    """Text for between tags."""
    return _SPECIAL.sub(lambda match: _NAMED.get(match[0], f"&#x{ord(match[0]):x};"), text)


def parse(body: bytes, root: str) -> Element:
    """The root element of a body, without namespaces.

    Raises:
        MalformedXML: not well-formed, another root, or a document type (entities are not read).
    """
    parser = XMLParser(target=_Builder())
    try:
        parser.feed(body)
        element: Element = parser.close()
    except (ParseError, ValueError, LookupError):
        raise MalformedXML from None
    if element.tag != root:
        raise MalformedXML
    return element


def text_of(element: Element, name: str, default: str | None = None) -> str:
    """Text of a child.

    Raises:
        MalformedXML: no such child, and no default.
    """
    child = element.find(name)
    if child is None:
        if default is None:
            raise MalformedXML
        return default
    return child.text or ""


class _Builder:
    """Builds elements with local names; refuses document types, so no entity is ever expanded."""

    def __init__(self) -> None:
        self._open: list[Element] = []
        self._root: Element | None = None
        self._text: list[str] = []

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        element = Element(tag.rpartition("}")[2])
        if self._open:
            self._open[-1].append(element)
        else:
            self._root = element
        if len(self._open) > 32:
            raise MalformedXML
        self._open.append(element)
        self._text = []

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, _tag: str) -> None:
        element = self._open.pop()
        if len(element) == 0:
            element.text = "".join(self._text)
        self._text = []

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise MalformedXML

    def close(self) -> Element:
        if self._root is None:
            raise MalformedXML
        return self._root


def _write(pieces: list[str], members: Members) -> None:
    for name, value in members:
        if value is None:
            continue
        if isinstance(value, bool):
            pieces.append(f"<{name}>{'true' if value else 'false'}</{name}>")
        elif isinstance(value, int):
            pieces.append(f"<{name}>{value}</{name}>")
        elif isinstance(value, str):
            pieces.append(f"<{name}>{escaped(value)}</{name}>")
        else:
            pieces.append(f"<{name}>")
            _write(pieces, value)
            pieces.append(f"</{name}>")
