"""Files of any form: looked at and read in a child process that may crash without harm."""

from microcells.files.children import inspect_file, read_file

__all__ = ["inspect_file", "read_file"]
