"""ZIP files in the child: what is in them, whether they tell the truth, and the bytes of one member."""

from __future__ import annotations

import errno
import io
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from kodala.core.errors import InputError
from microcells.domain.dialect import refuse
from microcells.files import limits, sandbox
from microcells.files.content import Content

PIECE = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT)
PACKED_ANEW = "Bitte die Datei neu packen, mit der Tabelle allein darin und ohne Kennwort."
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError)


class DiskFullError(Exception):
    """There is no room for what must be unpacked."""


def refuse_zip(text: str, suggestion: str = PACKED_ANEW) -> InputError:
    """The error that refuses a ZIP file."""
    return refuse("E-ZIP", text, suggestion)


def broken_zip() -> InputError:
    """The error for a ZIP file that does not keep what it says."""
    return refuse_zip("Die ZIP-Datei ist beschädigt oder nennt falsche Größen.")


@contextmanager
def open_zip(file: Path | BinaryIO, most_bytes: int) -> Iterator[zipfile.ZipFile]:
    """A ZIP file whose directory has been checked.

    most_bytes: bound of all its members together, unpacked
    Raises InputError for everything that an honest sender does not do.
    """
    try:
        archive = zipfile.ZipFile(file)
    except UNREADABLE:
        raise broken_zip() from None
    with archive:
        members = archive.infolist()
        if len(members) > limits.MEMBERS:
            raise refuse_zip(f"Die ZIP-Datei hat mehr als {limits.MEMBERS} Einträge.")
        for member in members:
            _refuse_name(member)
            _refuse_kind(member)
            _refuse_bomb(member)
        _refuse_twins(members)
        _refuse_overlaps(archive, members)
        if sum(member.file_size for member in members) > most_bytes:
            raise refuse_zip("Die ZIP-Datei ist ausgepackt zu groß.", "Bitte die Tabelle aufteilen.")
        yield archive


def _refuse_name(member: zipfile.ZipInfo) -> None:
    """Names that lead somewhere else; nothing is ever unpacked under its name, but honest files lack them."""
    name = member.orig_filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or ":" in name or not name.isprintable() or not parts:
        raise refuse_zip("In der ZIP-Datei steht ein Eintrag mit unzulässigem Namen oder Pfad.")


def _refuse_kind(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 0x41:
        raise refuse_zip("Die ZIP-Datei ist mit einem Kennwort verschlüsselt.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refuse_zip("Die ZIP-Datei ist mit einem ungewöhnlichen Verfahren gepackt.")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise refuse_zip("In der ZIP-Datei steht ein Verweis statt einer Datei.")


def _refuse_bomb(member: zipfile.ZipInfo) -> None:
    is_large = member.file_size > limits.RATIO_FROM
    if is_large and member.file_size > limits.PACK_RATIO * max(member.compress_size, 1):
        raise refuse_zip(
            f"Die ZIP-Datei ist verdächtig stark gepackt (mehr als 1 zu {limits.PACK_RATIO}) "
            "und wird nicht ausgepackt.",
            "Bitte die Tabelle ungepackt liefern.",
        )


def _refuse_twins(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename.casefold() for member in members]
    if len({*names}) != len(names):
        raise refuse_zip("In der ZIP-Datei steht ein Name mehrfach.")


def _refuse_overlaps(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Members that share bytes: so a small file claims to be an endless one."""
    ordered = sorted(members, key=lambda member: member.header_offset)
    ends = [*(member.header_offset for member in ordered[1:]), archive.start_dir]
    for member, end in zip(ordered, ends, strict=True):
        header = 30 + len(
            member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437", "replace")
        )
        if member.header_offset + header + member.compress_size > end:
            raise broken_zip()


class MemberStream(io.RawIOBase):
    """The unpacked bytes of one member; raises InputError if they are others than the directory says."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        super().__init__()
        self._left = member.file_size
        self._at = 0
        try:
            self._stream = archive.open(member)
        except UNREADABLE:
            raise broken_zip() from None

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        try:
            piece = self._stream.read(size)
        except UNREADABLE:
            raise broken_zip() from None
        self._left -= len(piece)
        self._at += len(piece)
        if not piece and size and self._left:
            raise broken_zip()
        return piece


@dataclass(frozen=True)
class Archive:
    """A checked ZIP file that can be opened again and again."""

    path: Path
    most_bytes: int = limits.UNPACKED_TEXT

    def members(self) -> list[zipfile.ZipInfo]:
        """The files in it, without folders and what operating systems add."""
        with open_zip(self.path, self.most_bytes) as archive:
            return [member for member in archive.infolist() if not _is_clutter(member)]

    def content(self, member: zipfile.ZipInfo) -> Content:
        """The content of one member."""
        return Content(member.file_size, lambda: self._open(member), folder=self.path.parent)

    def _open(self, member: zipfile.ZipInfo) -> BinaryIO:
        archive = zipfile.ZipFile(self.path)
        return MemberStream(archive, member)  # type: ignore[return-value]  # reads like any file


def _is_clutter(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    return member.is_dir() or "__MACOSX" in parts or parts[-1].startswith(".") or not member.file_size


@contextmanager
def as_file(content: Content) -> Iterator[BinaryIO]:
    """A content as a file in which one can jump; a member of a ZIP is unpacked to a nameless file first."""
    if content.path:
        with content.path.open("rb") as file:
            yield file
        return
    if content.size > limits.UNPACKED_FILE:
        raise refuse_zip("Die Datei in der ZIP-Datei ist zu groß.", "Bitte ungepackt liefern.")
    sandbox.allow_files()
    with tempfile.TemporaryFile(dir=content.folder) as file:
        with content.open() as stream:
            copy_pieces(iter(lambda: stream.read(PIECE), b""), file)
        file.seek(0)
        yield file


def copy_pieces(pieces: Iterable[bytes], file: IO[bytes]) -> None:
    """Write pieces to a file of the child's own. Raises DiskFullError if there is no room."""
    for piece in pieces:
        try:
            file.write(piece)
        except OSError as error:
            if error.errno in FULL:
                raise DiskFullError from None
            raise
    file.flush()
