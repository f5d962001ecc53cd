"""How much a file may ask for. One place, each bound with its reason."""

from __future__ import annotations

MIB = 1 << 20

# Memory of the child beyond what it needs to start. A block of text takes about 90 MiB; with up to 100 MiB of
# program code the child then stays below 256 MiB whatever the file holds.
MEMORY = 144 * MIB
# A workbook lies in memory as a whole: about 80 bytes for each of its cells, twice while it is being read.
# A small file gets no more for that, whatever it claims: packed cells take at least a byte in an honest one.
MEMORY_PER_CELL = 96
MEMORY_PER_PACKED_BYTE = 24
# Of each column of a Parquet file a dictionary and a page lie unpacked in memory, of about a megabyte each.
# Again a small file gets no more for that.
MEMORY_PER_PARQUET_COLUMN = 4 * MIB
# Processor seconds before the first block and for each further one: a fixed part, and one that grows with the
# file. The slowest good form, XLSX, takes 0.2 s per MiB.
CPU_S = 4.0
CPU_S_PER_MIB = 0.4
# Seconds by the clock without a word of the child, however busy the machine is.
SILENCE_S = 60.0
SILENCE_S_PER_MIB = 0.6
# Blocks that wait between child and reader; each has about 6 MiB.
BLOCKS_AHEAD = 2
# Bytes of one message of the child.
LARGEST_MESSAGE = 128 * MIB

# A look at the first rows says how all are written; a person sees no more than the first screens anyway.
SAMPLE_ROWS = 5_000
# Rows above the headings: titles, dates, remarks.
HEAD_ROWS = 50
# So far an encoding is looked for in a file that begins with ASCII alone.
ENCODING_SCAN = 4 << 30
# Rows are counted at once only if the file is small enough to go through it in a second.
COUNT_BYTES = 256 * MIB

# ZIP: a delivery holds one table and perhaps its description; a workbook about twenty parts.
MEMBERS = 1_000
# Text packs to a tenth, a table of nothing but -1 to a fortieth; a bomb to a thousandth.
PACK_RATIO = 200
# Below this size the ratio says nothing: a header repeated packs well.
RATIO_FROM = 4 * MIB
# Germany's 21 million houses as text.
UNPACKED_TEXT = 8 << 30
# A GeoPackage or Parquet file inside a ZIP is unpacked to the disk before it can be read.
UNPACKED_FILE = 2 << 30

# A spreadsheet has at most 1,048,576 rows and 16,384 columns; as it is held in memory as a whole, the number
# of cells is bounded as well: 100,000 rows of the extract. More come as CSV or Parquet.
SHEET_CELLS = 5_000_000
SHEET_BYTES = 512 * MIB
SHEETS = 50
LONGEST_TEXT = 100_000  # characters of a cell; a spreadsheet allows 32,767

# Rows that a form without lines hands over at a time.
BATCH_ROWS = 20_000
# A packed column of keys takes at least a bit per row; a table of more rows than that is no table.
ROWS_PER_BYTE = 8
