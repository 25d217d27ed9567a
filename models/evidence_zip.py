"""Evidence files as zip archives: written the same bytes each time, read without trusting anything they say.

Nothing is ever extracted: a file is read from the archive into memory, and no more of it than it says it holds.
"""

from __future__ import annotations

import io
import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

WRITTEN = (1980, 1, 1, 0, 0, 0)  #: the time of every file within: a zip can hold none earlier, and none is meant
MOST_FILES = 200_000
MOST_BYTES = 2 * 1024**3  #: of all files within, unpacked
MOST_AT_ONCE = 256 * 1024**2  #: of one file read into memory
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class NoEvidenceFile(ValueError):
    """A file that cannot be read as evidence at all; the message says why, and what is expected."""


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return the archive of `files` by their names: in the order of the names, uncompressed, all of one time.

    Uncompressed, because the same bytes are then written by every version of every compressor.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, WRITTEN)
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o600) << 16
            archive.writestr(entry, files[name])
    return target.getvalue()


def check_target(path: Path, *, force: bool) -> None:
    """Raise ValueError, saying what to do, when a file cannot be written at `path`: it is there, its folder is not."""
    if not path.parent.is_dir():
        raise ValueError(f"the folder {path.parent} is not there; make it first, or name another with --out")
    if path.is_dir():
        raise ValueError(f"{path} is a folder; name the file itself, such as {path / 'evidence.zip'}")
    if path.exists() and not force:
        raise ValueError(f"{path} is there already and was left as it is; name another file, or add --force")


def write_whole(path: Path, content: bytes, *, force: bool) -> None:
    """Write a file whole or not at all, for its owner alone. Raises ValueError as `check_target` does; OSError."""
    check_target(path, force=force)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)  # mode 0600
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if force:
            os.replace(beside, path)
        else:
            _put_where_nothing_is(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    """Tell whether an entry names a folder and nothing else, as zip -r writes one for each folder it packs."""
    name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    return (
        name.endswith("/") and _NAME.fullmatch(name[:-1]) is not None and kind in (0, stat.S_IFDIR)
        and entry.file_size == entry.compress_size == 0
    )  # fmt: skip


def _put_where_nothing_is(beside: Path, path: Path) -> None:
    try:
        os.link(beside, path)  # unlike a rename, refused when somebody wrote that file meanwhile
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        os.replace(beside, path)


class Held(dict[str, bytes]):
    """The files of an evidence file in memory, by name."""

    @cached_property
    def names(self) -> Sequence[str]:
        """Return their names, in order."""
        return sorted(self)

    def read(self, name: str) -> bytes:
        """Return a file's content. Raises NoEvidenceFile when it is missing."""
        try:
            return self[name]
        except KeyError as error:
            raise NoEvidenceFile(f"{name} is missing in it") from error


class Archive:
    """The files of an evidence file, by name. Raises NoEvidenceFile for an archive that is not to be trusted."""

    def __init__(self, source: Path | bytes) -> None:
        """Open a file or its bytes; its list of files is checked before any of them is read."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
            raise NoEvidenceFile(f"it is not a zip file, or its end is missing ({error})") from error
        entries = self._zip.infolist()
        if len(entries) > MOST_FILES:
            raise NoEvidenceFile(f"it holds {len(entries)} files; an evidence file has at most {MOST_FILES}")
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            if not _is_folder(entry):
                self._take(entry)
        total = sum(entry.file_size for entry in entries)
        if total > MOST_BYTES:
            raise NoEvidenceFile(f"unpacked it would take {total} bytes; an evidence file takes at most {MOST_BYTES}")

    def _take(self, entry: zipfile.ZipInfo) -> None:
        name = entry.orig_filename
        if not _NAME.fullmatch(name) or len(name) > 400:
            raise NoEvidenceFile(f"it names a file {name[:80]!r}; expected plain names and slashes only")
        if name in self._entries:
            raise NoEvidenceFile(f"it holds the file {name} twice; nobody could tell which is meant")
        if entry.flag_bits & 0x1 or entry.compress_type not in _PLAIN:
            raise NoEvidenceFile(f"its file {name} is encrypted or packed in an unusual way")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise NoEvidenceFile(f"its {name} is a link or a device, not a file")
        self._entries[name] = entry

    @cached_property
    def names(self) -> list[str]:
        """Return the names of its files, in order."""
        return sorted(self._entries)

    def __contains__(self, name: str) -> bool:
        """Tell whether it holds a file."""
        return name in self._entries

    def read(self, name: str) -> bytes:
        """Return a file's content. Raises NoEvidenceFile when it is missing, damaged or far too large."""
        entry = self._entries.get(name)
        if entry is None:
            raise NoEvidenceFile(f"{name} is missing in it")
        if entry.file_size > MOST_AT_ONCE:
            raise NoEvidenceFile(f"its {name} has {entry.file_size} bytes; at most {MOST_AT_ONCE} are read")
        try:
            return self._zip.read(entry)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
            raise NoEvidenceFile(f"its {name} is damaged ({error})") from error
