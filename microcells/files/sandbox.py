"""What the child process may not do: use much memory or time, write, dump core, outlive its parent."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from pathlib import Path

from microcells.files import limits

PR_SET_DUMPABLE = 4
PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
NO_MEMORY = 9  # the child's exit status when memory was refused

# Nothing of the parent's environment reaches the child: no password, no database, no proxy.
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # The system's allocator is the only one whose reservations the memory limit can tell from use.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    # Arrow's parser sets the size of a stretch aside for each column of texts. Taken apart from the rest,
    # that goes back at once; otherwise the leftovers of 46 columns lie around.
    "MALLOC_MMAP_THRESHOLD_": str(limits.MIB),
    # The smaller columns come again and again: keep their memory instead of giving it back each time.
    "MALLOC_TRIM_THRESHOLD_": str(64 * limits.MIB),
    # A file may name addresses; nothing is ever fetched.
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "GDAL_HTTPS_PROXY": "127.0.0.1:9",
    "GDAL_HTTP_TIMEOUT": "1",
    "CPL_DEBUG": "OFF",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_NUM_THREADS": "1",
    "GDAL_CACHEMAX": "16",
    "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "4",
    "SHAPE_RESTORE_SHX": "NO",
}


def begin(parent: int) -> None:
    """Bind the child to its parent, before anything of the file is touched."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getppid() != parent:  # it died before the signal was asked for
        os._exit(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits.UNPACKED_FILE))
    limit_memory()
    limit_time()


def limit_memory(allowance: int = limits.MEMORY) -> None:
    """Allow so many bytes beyond what is in use now; asked again after further imports."""
    most = _data_bytes() + allowance
    resource.setrlimit(resource.RLIMIT_DATA, (most, resource.RLIM_INFINITY))


def limit_time(file_size: int = 0) -> None:
    """Allow the processor seconds from now that a file of that size may need; asked after each block."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = limits.CPU_S + limits.CPU_S_PER_MIB * file_size / limits.MIB
    most = int(used.ru_utime + used.ru_stime + allowed) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def allow_files() -> None:
    """Allow files, for what must be unpacked before it can be read."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.UNPACKED_FILE, limits.UNPACKED_FILE))


def _data_bytes() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this system does not tell how much memory a process has")
