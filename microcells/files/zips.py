"""A ZIP file with a table in it: which of its members is the table."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath

from kodala.core.errors import InputError
from microcells.domain.dialect import HEAD_BYTES, detect_dialect
from microcells.domain.file_kinds import readable_kind
from microcells.domain.plan import ReadingPlan
from microcells.domain.rows import Block
from microcells.domain.wanted import Wanted
from microcells.files.archives import Archive, refuse_zip
from microcells.files.content import KIND_BYTES, Content
from microcells.files.looking import Look, Table

INSIDE = " → "  # between a member and its sheet or layer
FEWEST_COLUMNS = 3  # of a text that is taken for a table though none of its headings is known
DBF_HEAD = struct.Struct("<4xLHH")  # rows, bytes before the first one, bytes of each
SHX_HEAD_BYTES, SHX_ROW_BYTES = 100, 8
SHAPE_PARTS = (".dbf", ".shx")
WORKBOOK_MARKS = (b"[Content_Types].xml", b"_rels/", b"xl/", b"mimetypeapplication/vnd.oasis.opendocument")


@dataclass(frozen=True)
class ZipTable:
    """A ZIP file of which one member is read; `open_member` gives the reader of one."""

    archive: Archive
    open_member: Callable[[Content, str], Table]

    def look(self, wanted: Wanted, given: ReadingPlan | None) -> Look:
        """The look of the chosen member; several tables are listed and make the choice doubtful."""
        candidates = self._candidates(wanted)
        member, _, inner = (given.table if given else "").partition(INSIDE)
        if member not in candidates:
            member, inner = candidates[0], ""
        look = self._table(member).look(wanted, replace(given, table=inner) if given else None)
        tables = tuple(
            f"{name}{INSIDE}{one}" if name == member and one else name
            for name in candidates
            for one in (look.tables if name == member and len(look.tables) > 1 else ("",))
        )
        chosen = f"{member}{INSIDE}{look.plan.table}" if look.plan.table else member
        plan = replace(look.plan, table=chosen if len(tables) > 1 else "")
        doubtful = (*look.doubtful, "table") if len(candidates) > 1 and not given else look.doubtful
        return replace(look, plan=plan, tables=tables, doubtful=tuple(dict.fromkeys(doubtful)))

    def read(self, plan: ReadingPlan, wanted: Wanted) -> Iterator[tuple[Block, float]]:
        """The blocks of the chosen member."""
        member, _, inner = plan.table.partition(INSIDE)
        if not member:
            member = self._candidates(wanted)[0]
        if member not in self._members:
            raise refuse_zip("Die Tabelle aus den Angaben steht nicht in der ZIP-Datei.", "Bitte neu wählen.")
        yield from self._table(member).read(replace(plan, table=inner), wanted)

    @cached_property
    def _members(self) -> dict[str, zipfile.ZipInfo]:
        return {member.filename: member for member in self.archive.members()}

    def _table(self, name: str) -> Table:
        return self.open_member(self.archive.content(self._members[name]), name)

    def _candidates(self, wanted: Wanted) -> list[str]:
        """Names of the members that hold a table, the best fitting first.

        Raises InputError if there is none.
        """
        self._refuse_nested()
        for shape in (name for name in self._members if name.lower().endswith(".shp")):
            self._refuse_lonely_shape(shape)
            self._refuse_lying_shape(shape)
        fits: dict[str, int] = {}
        refusals: list[InputError] = []
        for name, member in self._members.items():
            try:
                fit = self._fit(name, member, wanted)
            except InputError as refusal:
                refusals.append(refusal)
                continue
            if fit:
                fits[name] = fit
        if not fits:
            if len(refusals) == 1 == len(self._members):
                raise refusals[0]
            raise refuse_zip("In der ZIP-Datei ist keine Tabelle.")
        return sorted(fits, key=lambda name: (-fits[name], -self._members[name].file_size, name))

    def _fit(self, name: str, member: zipfile.ZipInfo, wanted: Wanted) -> int:
        """How much a member looks like the table: 0 = not at all.

        Raises InputError for a text that is no table.
        """
        if PurePosixPath(name).suffix.lower() in self._shape_parts(name):
            return 0
        content = self.archive.content(member)
        if readable_kind(content.head(KIND_BYTES)):
            return FEWEST_COLUMNS
        dialect = detect_dialect(content.head(HEAD_BYTES), content.size, wanted.by_header.keys())
        n_known = sum(heading.lower() in wanted.by_header for heading in dialect.header)
        return max(n_known, len(dialect.header)) if n_known or len(dialect.header) >= FEWEST_COLUMNS else 0

    def _refuse_nested(self) -> None:
        """Refuse a ZIP in the ZIP; workbooks are ZIP files too, but of a known make."""
        for member in self._members.values():
            head = self.archive.content(member).head(KIND_BYTES)
            if readable_kind(head) == "zip" and not any(mark in head for mark in WORKBOOK_MARKS):
                raise refuse_zip("In der ZIP-Datei steckt eine weitere ZIP-Datei.")

    def _shape_parts(self, name: str) -> tuple[str, ...]:
        """Endings of the members that belong to a Shapefile of the same name."""
        stem = name.rpartition(".")[0].lower()
        has_shape = any(one.lower() == f"{stem}.shp" for one in self._members)
        return (*SHAPE_PARTS, ".prj", ".cpg", ".qpj", ".xml", ".sbn", ".sbx", ".qix") if has_shape else ()

    def _refuse_lonely_shape(self, name: str) -> None:
        names = {one.lower() for one in self._members}
        stem = name.rpartition(".")[0].lower()
        if missing := [part for part in SHAPE_PARTS if stem + part not in names]:
            raise refuse_zip(
                f"Zum Shapefile fehlen in der ZIP-Datei Teile: {', '.join(missing)}.",
                "Bitte .shp, .shx, .dbf und .prj zusammen packen.",
            )

    def _refuse_lying_shape(self, name: str) -> None:
        """Refuse a Shapefile whose parts do not agree how many rows there are."""
        stem = name.rpartition(".")[0].lower()
        parts = {one.lower(): member for one, member in self._members.items()}
        table, index = parts[f"{stem}.dbf"], parts[f"{stem}.shx"]
        head = self.archive.content(table).head(DBF_HEAD.size)
        if len(head) == DBF_HEAD.size:
            n_rows, start, width = DBF_HEAD.unpack(head)
            is_true = table.file_size - 1 <= start + n_rows * width <= table.file_size
            if is_true and index.file_size == SHX_HEAD_BYTES + n_rows * SHX_ROW_BYTES:
                return
        raise refuse_zip(
            "Das Shapefile ist beschädigt: Seine Teile nennen verschiedene Zahlen von Zeilen.",
            "Bitte das Shapefile neu ausgeben oder als CSV-Datei liefern.",
        )
