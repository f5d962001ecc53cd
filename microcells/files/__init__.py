"""Files of any form: looked at and read in a child process that may crash without harm."""

from microcells.files.children import inspect_file, read_file
from microcells.files.spans import SpanReader, cut_file

__all__ = ["SpanReader", "cut_file", "inspect_file", "read_file"]
