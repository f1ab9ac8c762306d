"""The class Engine."""

import ctypes
import os
import weakref
from typing import TYPE_CHECKING, Any, Callable, List, Mapping, Optional, Tuple, Union

import numpy as np

from ._library import OK, ConfigError, Options, Progress, last_error, library

if TYPE_CHECKING:
    from typing import Literal

    import numpy.typing as npt

    Picture = npt.NDArray[np.uint8]
    Precision = Literal["auto", "float32", "bfloat16"]
    Isa = Literal["auto", "portable", "avx2", "avx512", "amx"]


class Engine:
    """A style model, ready to be applied to pictures on the CPU.

    Calls may come from several threads; Python's other threads go on during them. Memory and plans for the
    sizes used last are kept with the engine.

    Args:
        model: path of a style model, or the bytes of one.
        threads: compute threads, the caller's included; 0 is one a core.
        precision: "float32", "bfloat16", or "auto": bfloat16 where the processor multiplies it in tiles.
        isa: best instruction set to use: "portable", "avx2", "avx512", "amx", or "auto".

    Raises:
        IoError: the file cannot be read.
        FormatError: it is no style model.
        ConfigError: an option is not known, or not met by this machine.
    """

    def __init__(
        self,
        model: Union[str, "os.PathLike[str]", bytes],
        *,
        threads: int = 0,
        precision: "Precision" = "auto",
        isa: "Isa" = "auto",
    ) -> None:
        options = ctypes.byref(Options(threads, precision.encode(), isa.encode()))
        if isinstance(model, bytes):
            handle = library.impasto_load_memory(model, len(model), options)
        else:
            handle = library.impasto_load_file(os.fsencode(model), options)
        if not handle:
            raise last_error()
        self._handle = handle
        weakref.finalize(self, library.impasto_free, handle)
        count = library.impasto_style_count(handle)
        self._styles = tuple(library.impasto_style_name(handle, i).decode() for i in range(count))

    @property
    def styles(self) -> Tuple[str, ...]:
        """Names of the model's styles; the first is used unless a call asks for another."""
        return self._styles

    def prepare(self, width: int, height: int) -> None:
        """Plans and reserves memory for a picture size ahead of the first call; not needed.

        Raises:
            ConfigError: a side is below 16.
        """
        if library.impasto_plan(self._handle, width, height) != OK:
            raise last_error()

    def __call__(
        self,
        picture: "Picture",
        style: Union[str, Mapping[str, float], None] = None,
        *,
        progress: Optional[Callable[[float], Any]] = None,
    ) -> "Picture":
        """The picture restyled, in a new array of the same shape.

        Args:
            picture: uint8 [height, width, 3] in RGB or [height, width, 4] in RGBA, whose alpha is kept; sides
                of at least 16. Views are fine.
            style: a name from `styles`, or shares of several, {"wave": 0.7, "iris": 0.3}, which are divided by
                their sum; None is the first style.
            progress: is told how much is done, from 0 to 1, on this thread. Where it returns False, the run
                stops; what it raises is raised by the call.

        Raises:
            ConfigError: another kind of array, a side that is too small, a style that is not there.
            CancelledError: `progress` stopped the run.
        """
        array = np.asarray(picture)
        if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] not in (3, 4):
            shape = ", ".join(map(str, array.shape))
            raise ConfigError(f"picture: expected uint8 [height, width, 3 or 4], found {array.dtype} [{shape}]")
        pixels = np.ascontiguousarray(array)
        height, width, channels = pixels.shape
        result = np.empty((height, width, 3), np.uint8)
        weights = self._weights(style)

        raised: List[BaseException] = []

        def report(done: float, _: Any) -> int:
            try:
                return int(progress is None or progress(done) is not False)
            except BaseException as error:  # C cannot pass it on.
                raised.append(error)
                return 0

        status = library.impasto_run(
            self._handle,
            pixels.ctypes.data,
            width,
            height,
            channels,
            result.ctypes.data,
            None if weights is None else weights.ctypes.data,
            Progress(report) if progress is not None else Progress(),
            None,
        )
        if raised:
            raise raised[0]
        if status != OK:
            raise last_error()
        return result if channels == 3 else np.concatenate([result, pixels[:, :, 3:]], axis=2)

    def _weights(self, style: Union[str, Mapping[str, float], None]) -> "Optional[npt.NDArray[np.float32]]":
        if style is None:
            return None
        shares = {style: 1.0} if isinstance(style, str) else dict(style)
        for name in shares:
            if name not in self._styles:
                raise ConfigError(f"style: expected one of {', '.join(self._styles)}, found {name!r}")
        weights = np.array([shares.get(name, 0.0) for name in self._styles], np.float32)
        total = weights.sum()
        if not (np.isfinite(total) and total > 0 and (weights >= 0).all()):
            raise ConfigError(f"style: expected shares of at least 0, and one above, found {shares}")
        result: "npt.NDArray[np.float32]" = weights / total
        return result
