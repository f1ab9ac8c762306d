# What `cmake --install` puts under the prefix, and the package that find_package(impasto) reads there.
# Everything is found relative to the files installed, so the prefix may be moved afterwards.

include(CMakePackageConfigHelpers)

set(IMPASTO_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/impasto")

# impasto_public_headers(<out> <folder>): the headers of a layer without those that say they are private.
function(impasto_public_headers out folder)
  file(GLOB headers CONFIGURE_DEPENDS "${folder}/*.h")
  set(public "")
  foreach(header IN LISTS headers)
    file(STRINGS "${header}" private REGEX "^// Private: not installed" LIMIT_COUNT 1)
    if(NOT private)
      list(APPEND public "${header}")
    endif()
  endforeach()
  set(${out} "${public}" PARENT_SCOPE)
endfunction()

# impasto_install(<library> LAYERS layer...): a library, its layers' public headers and its imported target.
function(impasto_install name)
  cmake_parse_arguments(arg "" "" "LAYERS" ${ARGN})
  install(TARGETS ${name} EXPORT ${name}Targets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT ${name}Targets NAMESPACE impasto:: DESTINATION "${IMPASTO_PACKAGE_DIR}")
  foreach(layer IN LISTS arg_LAYERS)
    impasto_public_headers(headers "${PROJECT_SOURCE_DIR}/lib/impasto/${layer}")
    install(FILES ${headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/impasto/${layer}")
  endforeach()
endfunction()

# impasto_install_package(): the package's own files.
function(impasto_install_package)
  configure_package_config_file(
    "${PROJECT_SOURCE_DIR}/cmake/impastoConfig.cmake.in" "${PROJECT_BINARY_DIR}/impastoConfig.cmake"
    INSTALL_DESTINATION "${IMPASTO_PACKAGE_DIR}"
    NO_SET_AND_CHECK_MACRO)
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/impastoConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES
    "${PROJECT_BINARY_DIR}/impastoConfig.cmake"
    "${PROJECT_BINARY_DIR}/impastoConfigVersion.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/FindLibtorch.cmake"
    DESTINATION "${IMPASTO_PACKAGE_DIR}")
endfunction()
