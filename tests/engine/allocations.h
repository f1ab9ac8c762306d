#pragma once

/// How often the program and the libraries in it have asked `operator new` for memory.
long allocations();
