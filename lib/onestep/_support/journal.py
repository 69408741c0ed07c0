"""Journal of running work: finished pieces, a line each, synchronised, with its own digest.

A process that is killed leaves at most one torn line, the last, which the next run cuts off; other
damage is refused by name and line. Nothing is unpickled.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Generic, Self, TypeVar

from . import streams

Value = TypeVar("Value")


class DamagedStore(ValueError):
    """A stored file is truncated, edited, or no store at all.

    Examples
    --------
    >>> issubclass(DamagedStore, ValueError)
    True
    """


class Record(Generic[Value]):
    """Finished pieces by identity, in memory."""

    def __init__(self) -> None:
        self.finished: dict[str, Value] = {}

    def append(self, found: Mapping[str, Value]) -> None:
        """Add finished pieces."""
        self.finished.update(found)

    def clear(self) -> None:
        """Forget everything."""
        self.finished.clear()


class Journal(Record[Value]):
    """Finished pieces, JSON-able, in an append-only file, held by one process at a time.

    A context manager; entering reads what is there, and leaving removes a journal that is empty. A
    line before the last that does not match its digest is a `DamagedStore`, a journal that another
    process is writing to a BlockingIOError.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = Path(path)

    def __enter__(self) -> Self:
        self._file = _held(self.path)
        try:
            self._read()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.flush()
            # While the lock is held: nobody can have begun to write to it.
            if not os.fstat(self._file.fileno()).st_size:
                self.path.unlink(missing_ok=True)
        finally:
            self._file.close()

    def _read(self) -> None:
        self._file.seek(0)
        end = 0
        lines = self._file.readlines()
        for number, line in enumerate(lines, start=1):
            entry = _parse(line)
            if entry is None:
                if number < len(lines):
                    raise DamagedStore(f"{self.path}, line {number}: does not match its digest")
                self._file.truncate(end)
                break
            identity, values = entry
            self.finished[identity] = values
            end += len(line)
        self._file.seek(0, os.SEEK_END)

    def append(self, found: Mapping[str, Value]) -> None:
        """Add finished pieces; they are on the disk when this returns."""
        for identity, values in found.items():
            self._file.write(_line(identity, values))
        self._file.flush()
        os.fsync(self._file.fileno())
        super().append(found)

    def clear(self) -> None:
        """Forget everything, on the disk too."""
        self._file.truncate(0)
        super().clear()


def _held(path: Path) -> IO[bytes]:
    """The file of this name, open and locked.

    Who finishes removes it, perhaps after it was opened here and before it was locked: then the
    lock is on a file that nobody else can find, and the next one is tried.
    """
    while True:
        file = path.open("a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except BlockingIOError:
            file.close()
            raise BlockingIOError(f"{path} is being written by another process") from None
        except FileNotFoundError:
            pass  # removed, and nobody has made another yet
        except BaseException:
            file.close()
            raise
        file.close()


def _line(identity: str, values: Any) -> bytes:
    content = {"cell": identity, "values": values}
    content["digest"] = streams.digest(content)[:16]
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def _parse(line: bytes) -> tuple[str, Any] | None:
    """Identity and values of a line; None if it is torn or edited."""
    if not line.endswith(b"\n"):
        return None
    try:
        content = json.loads(line)
        digest = content.pop("digest")
        if digest != streams.digest(content)[:16]:
            return None
        return content["cell"], content["values"]
    except (ValueError, KeyError, AttributeError):
        return None
