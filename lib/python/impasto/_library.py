"""The functions of impasto/engine/impasto.h, and their errors as exceptions."""

import ctypes
import os
import pathlib
import sys
from typing import Dict, Type


class Error(Exception):
    """Anything that went wrong; the base of the others."""


class ConfigError(Error, ValueError):
    """An argument that makes no sense, or that this machine or model cannot meet."""


class IoError(Error, OSError):
    """A file that cannot be read."""


class FormatError(Error, ValueError):
    """A file that is no style model."""


class CancelledError(Error):
    """The progress function stopped the run."""


OK = 0
_EXCEPTIONS: Dict[int, Type[Error]] = {1: ConfigError, 2: IoError, 3: FormatError, 4: CancelledError}


class Options(ctypes.Structure):
    _fields_ = [("threads", ctypes.c_int), ("precision", ctypes.c_char_p), ("isa", ctypes.c_char_p)]


Progress = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_double, ctypes.c_void_p)


def _load() -> ctypes.CDLL:
    """The library inside this package, or the one that IMPASTO_ENGINE_LIBRARY names."""
    suffix = ".dylib" if sys.platform == "darwin" else ".so"
    inside = pathlib.Path(__file__).with_name("libimpasto_engine" + suffix)
    library = ctypes.CDLL(os.environ.get("IMPASTO_ENGINE_LIBRARY") or str(inside))
    engine = ctypes.c_void_p
    for name, result, arguments in [
        ("load_file", engine, [ctypes.c_char_p, ctypes.POINTER(Options)]),
        ("load_memory", engine, [ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(Options)]),
        ("free", None, [engine]),
        ("style_count", ctypes.c_int, [engine]),
        ("style_name", ctypes.c_char_p, [engine, ctypes.c_int]),
        ("plan", ctypes.c_int, [engine, ctypes.c_int, ctypes.c_int]),
        (
            "run",
            ctypes.c_int,
            [engine, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int]
            + [ctypes.c_void_p, ctypes.c_void_p, Progress, ctypes.c_void_p],
        ),
        ("last_status", ctypes.c_int, []),
        ("last_error", ctypes.c_char_p, []),
        ("version", ctypes.c_char_p, []),
    ]:
        function = getattr(library, "impasto_" + name)
        function.restype = result
        function.argtypes = arguments
    return library


library = _load()


def version() -> str:
    """The version of the library, such as "0.1.0"."""
    text: bytes = library.impasto_version()
    return text.decode()


def last_error() -> Error:
    """The exception for what the library said last on this thread."""
    message = library.impasto_last_error().decode(errors="replace")
    return _EXCEPTIONS.get(library.impasto_last_status(), Error)(message)
