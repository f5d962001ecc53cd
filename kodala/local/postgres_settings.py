"""The settings of the private PostgreSQL cluster."""

from pathlib import Path

FILE_NAME = "kodala.conf"

# Errors are not logged at all (log_min_messages = log drops ERROR and keeps starts, stops and crashes):
# their text can quote a value of the raw data, as in `invalid input syntax for type integer: "…"`.
# The other log settings drop the statement, its parameters and the details of what is still logged.
# dynamic_shared_memory_type: a container often has only 64 MB in /dev/shm, too little for a parallel join.
SETTINGS = """\
listen_addresses = ''
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
dynamic_shared_memory_type = mmap
max_wal_size = 2GB
jit = off
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_statement = none
log_min_duration_statement = -1
"""


def settings_text(sockets: Path) -> str:
    """The text of kodala.conf; the folder's name is quoted twice because the setting is a list of names."""
    as_list_item = '"' + str(sockets).replace('"', '""') + '"'
    return SETTINGS.format(sockets="'" + as_list_item.replace("'", "''") + "'")
