"""XML parts of a workbook, read in pieces by expat: no document type, no entities, no text that nobody asked for."""

import zipfile
from collections.abc import Callable, Mapping
from typing import IO
from xml.parsers import expat

from import_pipeline.intake.workbooks.marks import ForbiddenXmlError

_BLOCK = 1 << 18

Attributes = Mapping[str, str]


def parse(source: IO[bytes], handlers: Callable[[expat.XMLParserType], None]) -> None:
    """Read XML to its end.

    Args:
        source: The part.
        handlers: Sets the handlers of the parser.

    Raises:
        ForbiddenXmlError: It declares a document type.
        expat.ExpatError: It is no XML.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    handlers(parser)
    while block := source.read(_BLOCK):
        parser.Parse(block, False)
    parser.Parse(b"", True)


def elements(archive: zipfile.ZipFile, part: str, started: Callable[[str, Attributes], None]) -> None:
    """Call a function for the beginning of each element of a part, with its name without prefix."""

    def handle(parser: expat.XMLParserType) -> None:
        parser.StartElementHandler = lambda name, attributes: started(name.rpartition(":")[2], attributes)

    with archive.open(part) as source:
        parse(source, handle)


def _refuse(*_: object) -> None:
    raise ForbiddenXmlError
