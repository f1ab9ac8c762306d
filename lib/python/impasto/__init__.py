"""Applies styles that Impasto has trained to pictures: NumPy arrays in, NumPy arrays out.

    import impasto

    engine = impasto.Engine("great_wave.safetensors")
    painted = engine(photo)  # uint8 [height, width, 3], RGB
"""

from ._engine import Engine
from ._library import CancelledError, ConfigError, Error, FormatError, IoError, version

__all__ = ["CancelledError", "ConfigError", "Engine", "Error", "FormatError", "IoError"]
__version__ = version()
