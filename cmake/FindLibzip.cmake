# Finds libzip by its files: Debian's own CMake package wants libzip's programs installed too. Defines the imported
# target Libzip::libzip.

find_path(Libzip_INCLUDE_DIR zip.h)
find_library(Libzip_LIBRARY zip)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libzip REQUIRED_VARS Libzip_LIBRARY Libzip_INCLUDE_DIR)

if(Libzip_FOUND AND NOT TARGET Libzip::libzip)
  add_library(Libzip::libzip UNKNOWN IMPORTED)
  set_target_properties(Libzip::libzip PROPERTIES
    IMPORTED_LOCATION "${Libzip_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${Libzip_INCLUDE_DIR}")
endif()
mark_as_advanced(Libzip_INCLUDE_DIR Libzip_LIBRARY)
