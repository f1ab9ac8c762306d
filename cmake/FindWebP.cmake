# Finds libwebp, for which CMake has no module and not every distribution ships a package file. Defines the
# imported target WebP::webp.

include("${CMAKE_CURRENT_LIST_DIR}/FindPlainLibrary.cmake")
find_plain_library(WebP::webp HEADER webp/decode.h LIBRARY webp)
