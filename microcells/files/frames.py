"""What child and parent say to each other: messages of known length, tables as Arrow IPC, never pickle."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kodala.core.errors import Finding, Severity
from microcells.domain.rows import Block, Hit, Rows
from microcells.files.limits import LARGEST_MESSAGE

HEAD = struct.Struct("<cQ")  # kind of the message, bytes that follow
ANSWER, REFUSAL, TABLE, FULL_DISK, DEFECT, END = b"A", b"R", b"T", b"F", b"D", b"E"
LINES = "line"
HITS = pa.schema(
    [
        ("rule", pa.string()),
        ("columns", pa.list_(pa.string())),
        ("label", pa.string()),
        ("at", pa.list_(pa.int64())),
    ]
)


class BrokenMessageError(Exception):
    """The other side ended in the middle of a message, or sent what no honest child sends."""


def write_message(stream: BinaryIO, kind: bytes, *parts: bytes | memoryview | pa.Buffer) -> None:
    """Send one message."""
    stream.write(HEAD.pack(kind, sum(len(memoryview(part)) for part in parts)))
    for part in parts:
        stream.write(part)
    stream.flush()


def read_message(readinto: Callable[[memoryview], int | None]) -> tuple[bytes, pa.Buffer]:
    """Take one message; raises BrokenMessageError if it is cut off or too long."""
    head = bytearray(HEAD.size)
    _fill(readinto, memoryview(head))
    kind, length = HEAD.unpack(head)
    if length > LARGEST_MESSAGE:
        raise BrokenMessageError(f"a message of {length} bytes")
    body = np.empty(length, dtype=np.uint8)
    _fill(readinto, body.data)
    return kind, pa.py_buffer(body)


def _fill(readinto: Callable[[memoryview], int | None], target: memoryview) -> None:
    done = 0
    while done < len(target):
        count = readinto(target[done:])
        if not count:
            raise BrokenMessageError(f"{done} of {len(target)} bytes came")
        done += count


def pack_block(block: Block, share: float) -> list[bytes | pa.Buffer]:
    """A block as the parts of a message; `share` is how much of the file has been read."""
    batch, hits = _rows_as_batch(block.rows), _hits_as_batch(block.hits)
    words = {"share": share, "headings": block.headings, "broken": block.broken.tolist()}
    words["lines"] = block.n_lines
    pieces = [json.dumps(words).encode(), batch.schema.serialize(), batch.serialize(), hits.serialize()]
    # Arrow wants its tables at multiples of 8 bytes.
    padded = [bytes(8 * len(pieces)), *(part for piece in pieces for part in (piece, bytes(-len(piece) % 8)))]
    padded[0] = struct.pack(f"<{len(pieces)}Q", *(len(piece) for piece in pieces))
    return padded


def unpack_block(body: pa.Buffer) -> tuple[Block, float]:
    """The block of a message; its arrays lie in the message, nothing is copied.

    Raises BrokenMessageError for anything that `pack_block` would not have written.
    """
    try:
        words, schema, batch, hits = _pieces(body)
        said = json.loads(words.to_pybytes())
        rows = pa.ipc.read_record_batch(batch, pa.ipc.read_schema(schema))
        found = pa.ipc.read_record_batch(hits, HITS)
        for table in (rows, found):
            table.validate(full=True)  # a child that a file has taken over may send anything
        block = Block(
            _batch_as_rows(rows),
            {str(name): str(heading) for name, heading in said["headings"].items()},
            tuple(_batch_as_hits(found, rows.num_rows)),
            np.array(said["broken"], dtype=np.int64),
            int(said["lines"]),
        )
        return block, float(said["share"])
    except (pa.ArrowException, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise BrokenMessageError("a table that cannot be read") from error


def _pieces(body: pa.Buffer) -> list[pa.Buffer]:
    lengths = struct.unpack_from("<4Q", body)
    pieces, at = [], 8 * len(lengths)
    for length in lengths:
        pieces.append(body.slice(at, length))
        at += length + (-length % 8)
    return pieces


def _rows_as_batch(rows: Rows) -> pa.RecordBatch:
    columns: dict[str, pa.Array] = {LINES: pa.array(rows.lines)}
    columns |= {f"n{name}": _plain_array(values, pa.float64()) for name, values in rows.numbers.items()}
    columns |= {f"t{name}": texts for name, texts in rows.texts.items()}
    days = {name: dates.astype("datetime64[D]").view(np.int64) for name, dates in rows.dates.items()}
    columns |= {f"d{name}": _plain_array(values, pa.int64()) for name, values in days.items()}
    return pa.record_batch(list(columns.values()), names=list(columns))


def _plain_array(values: NDArray[Any], kind: pa.DataType) -> pa.Array:
    """An Arrow array over the same memory, NaN as NaN."""
    whole = np.ascontiguousarray(values)
    return pa.Array.from_buffers(kind, len(whole), [None, pa.py_buffer(whole)])


def _batch_as_rows(batch: pa.RecordBatch) -> Rows:
    rows = Rows(_numpy(batch.column(LINES), pa.int64()), {}, {}, {})
    for name in batch.schema.names:
        column = batch.column(name)
        if name.startswith("n"):
            rows.numbers[name[1:]] = _numpy(column, pa.float64())
        elif name.startswith("d"):
            rows.dates[name[1:]] = _numpy(column, pa.int64()).view("datetime64[D]")
        elif name.startswith("t") and pa.types.is_string(column.type):
            rows.texts[name[1:]] = column
    return rows


def _numpy(column: pa.Array, kind: pa.DataType) -> NDArray[Any]:
    if column.type != kind or column.null_count:
        raise BrokenMessageError("a column of another type")
    values: NDArray[Any] = column.to_numpy(zero_copy_only=True)
    return values


def _hits_as_batch(hits: Sequence[Hit]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [
            pa.array([one.rule for one in hits], pa.string()),
            pa.array([list(one.columns) for one in hits], pa.list_(pa.string())),
            pa.array([one.label for one in hits], pa.string()),
            pa.array([one.at for one in hits], pa.list_(pa.int64())),
        ],
        schema=HITS,
    )


def _batch_as_hits(batch: pa.RecordBatch, n_rows: int) -> list[Hit]:
    hits = []
    for rule, columns, label, at in zip(*batch.columns, strict=True):
        places = at.values.to_numpy(zero_copy_only=False)
        if len(places) and not (places.min() >= 0 and places.max() < n_rows):
            raise BrokenMessageError("a finding outside the rows")
        hits.append(Hit(rule.as_py(), tuple(columns.as_py()), places, label.as_py()))
    return hits


def findings_as_json(findings: Sequence[Finding]) -> bytes:
    """Findings as text."""
    return json.dumps([asdict(one) for one in findings]).encode()


def findings_from_json(raw: bytes) -> list[Finding]:
    """The findings that `findings_as_json` wrote. Raises BrokenMessageError for anything else."""
    try:
        return [_finding(one) for one in json.loads(raw)]
    except (ValueError, TypeError, KeyError) as error:
        raise BrokenMessageError("findings that cannot be read") from error


def _finding(own: dict[str, Any]) -> Finding:
    return Finding(**{**own, "row": int(own["row"]), "severity": Severity(own["severity"])})
