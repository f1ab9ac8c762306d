# Finds Little CMS 2, which ships no CMake package file everywhere. Defines the imported target Lcms2::lcms2.

include("${CMAKE_CURRENT_LIST_DIR}/FindPlainLibrary.cmake")
find_plain_library(Lcms2::lcms2 HEADER lcms2.h LIBRARY lcms2)
