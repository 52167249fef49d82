"""`LineOffsets`: where the lines of a large file begin, found out in one pass without a loop over them."""

from bisect import bisect_left
from mmap import mmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy

_BLOCK_BYTES = 1 << 18


class LineOffsets:
    """How many line ends a file has as far as each of its blocks; the lines of a block are looked up when asked for.

    Args:
        content: The file.
    """

    def __init__(self, content: mmap) -> None:
        self._content = content
        self._ends: list[int] = []
        self._block = -1
        self._places: numpy.ndarray | None = None
        self.has_bare_returns = False
        """Whether a carriage return stands anywhere without a line feed."""
        self._look_through()

    @property
    def line_ends(self) -> int:
        """How many line ends the file has."""
        return self._ends[-1]

    def text(self, line: int, count: int) -> bytes:
        """The text of so many lines from one on (from 0), with their ends; asked for in file order it costs least."""
        return self._content[self._begin(line) : self._begin(line + count)]

    def _begin(self, line: int) -> int:
        if line == 0:
            return 0
        if line > self.line_ends:
            return len(self._content)
        block = bisect_left(self._ends, line)
        places = self._places if block == self._block and self._places is not None else self._places_in(block)
        return block * _BLOCK_BYTES + int(places[line - 1 - (self._ends[block - 1] if block else 0)]) + 1

    def _places_in(self, block: int) -> "numpy.ndarray":
        import numpy

        self._places, self._block = numpy.flatnonzero(_line_feeds(self._bytes_of(block))), block
        return self._places

    def _look_through(self) -> None:
        import numpy

        count = returns = pairs = 0
        last = b""
        for place in range(-(-len(self._content) // _BLOCK_BYTES)):
            block = self._bytes_of(place)
            count += int(numpy.count_nonzero(_line_feeds(block)))
            self._ends.append(count)
            pairs += last == b"\r" and block.startswith(b"\n")
            if b"\r" in block:
                returns += block.count(b"\r")
                pairs += block.count(b"\r\n")
            last = block[-1:]
        self.has_bare_returns = returns != pairs

    def _bytes_of(self, block: int) -> bytes:
        return self._content[block * _BLOCK_BYTES : (block + 1) * _BLOCK_BYTES]


def _line_feeds(block: bytes) -> "numpy.ndarray":
    """For each byte, whether it is a line feed."""
    import numpy

    return numpy.frombuffer(block, numpy.uint8) == ord("\n")
