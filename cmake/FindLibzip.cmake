# Finds libzip by its files: Debian's own CMake package wants libzip's programs installed too. Defines the imported
# target Libzip::libzip.

include("${CMAKE_CURRENT_LIST_DIR}/FindPlainLibrary.cmake")
find_plain_library(Libzip::libzip HEADER zip.h LIBRARY zip)
