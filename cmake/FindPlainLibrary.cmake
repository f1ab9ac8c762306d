# find_plain_library(<Package>::<target> HEADER <header> LIBRARY <name>)
#
# For the find module of a library that has no CMake package everywhere: finds it by its header and its name, sets
# <Package>_FOUND, and defines the imported target. A macro, because find_package reads what it sets.

include(FindPackageHandleStandardArgs)

macro(find_plain_library target HEADER header LIBRARY library)
  string(REGEX REPLACE "::.*" "" _package "${target}")
  find_path(${_package}_INCLUDE_DIR ${header})
  find_library(${_package}_LIBRARY ${library})
  find_package_handle_standard_args(${_package}
    REQUIRED_VARS ${_package}_LIBRARY ${_package}_INCLUDE_DIR)
  if(${_package}_FOUND AND NOT TARGET ${target})
    add_library(${target} UNKNOWN IMPORTED)
    set_target_properties(${target} PROPERTIES
      IMPORTED_LOCATION "${${_package}_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${${_package}_INCLUDE_DIR}")
  endif()
  mark_as_advanced(${_package}_INCLUDE_DIR ${_package}_LIBRARY)
endmacro()
