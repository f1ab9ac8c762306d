# What `cmake --install` puts under the prefix: libraries and headers, the package that find_package(impasto) reads,
# and files for pkg-config. Everything is found relative to the files installed, so the prefix may be moved
# afterwards.
#
# Each file belongs to a component, for `cmake --install --component` and for packages: `runtime` (libraries,
# programs, models), `opencv` (what needs OpenCV), `engine` (the library with the C API), `torch`, and `development`
# for those who compile.

include(CMakePackageConfigHelpers)
include("${CMAKE_CURRENT_LIST_DIR}/PublicHeaders.cmake")

set(IMPASTO_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/impasto")
set(IMPASTO_DATA_DIR "${CMAKE_INSTALL_DATADIR}/impasto")

# impasto_public_headers(<out> <folder>): the headers of a layer without those that say they are private.
function(impasto_public_headers out folder)
  file(GLOB headers CONFIGURE_DEPENDS "${folder}/*.h")
  set(public "")
  foreach(header IN LISTS headers)
    impasto_is_public(is_public "${header}")
    if(is_public)
      list(APPEND public "${header}")
    endif()
  endforeach()
  set(${out} "${public}" PARENT_SCOPE)
endfunction()

# impasto_pkg_config(<file name> <description> <what it requires> <libs>)
function(impasto_pkg_config name description requires libs)
  set(folder "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
  file(RELATIVE_PATH prefix "/${folder}" "/")
  string(REGEX REPLACE "/$" "" prefix "${prefix}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/impasto.pc.in" "${PROJECT_BINARY_DIR}/${name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${name}.pc" DESTINATION "${folder}" COMPONENT development)
endfunction()

# impasto_install(<name> COMPONENT <component> [DESCRIPTION <text>] [USES name...] [LAYERS layer...] [HEADERS file...])
#
# The library libimpasto_<name> with its imported target, the public headers of its layers, and, given a description,
# impasto-<name>.pc.
function(impasto_install name)
  if(NOT IMPASTO_INSTALL)
    return()
  endif()
  cmake_parse_arguments(arg "" "COMPONENT;DESCRIPTION" "USES;LAYERS;HEADERS" ${ARGN})
  install(TARGETS impasto_${name} EXPORT impasto-${name}
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${arg_COMPONENT} NAMELINK_COMPONENT development)
  install(EXPORT impasto-${name} NAMESPACE impasto:: FILE impasto-${name}.cmake
    DESTINATION "${IMPASTO_PACKAGE_DIR}" COMPONENT development)
  foreach(layer IN LISTS arg_LAYERS)
    impasto_public_headers(headers "${PROJECT_SOURCE_DIR}/lib/impasto/${layer}")
    install(FILES ${headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/impasto/${layer}" COMPONENT development)
  endforeach()
  foreach(header IN LISTS arg_HEADERS)
    get_filename_component(folder "${header}" DIRECTORY)
    install(FILES "${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/${folder}" COMPONENT development)
  endforeach()
  if(arg_DESCRIPTION)
    list(TRANSFORM arg_USES PREPEND "impasto-")
    list(JOIN arg_USES ", " requires)
    impasto_pkg_config(impasto-${name} "${arg_DESCRIPTION}" "${requires}" "-L\${libdir} -limpasto_${name}")
  endif()
endfunction()

# impasto_install_plugin(<name> COMPONENT <component>): a library that is loaded at run time; nothing links it.
function(impasto_install_plugin name)
  if(IMPASTO_INSTALL)
    cmake_parse_arguments(arg "" "COMPONENT" "" ${ARGN})
    install(TARGETS impasto_${name}
      LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${arg_COMPONENT} NAMELINK_SKIP)
  endif()
endfunction()

# impasto_install_program(<target> COMPONENT <component> [NAME <name>]): NAME where it is not the target's.
function(impasto_install_program target)
  cmake_parse_arguments(arg "" "COMPONENT;NAME" "" ${ARGN})
  if(NOT arg_NAME)
    set(arg_NAME ${target})
  endif()
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${arg_NAME} IMPASTO_COMPONENT ${arg_COMPONENT})
  if(IMPASTO_INSTALL)
    install(TARGETS ${target} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT ${arg_COMPONENT})
  endif()
endfunction()

# impasto_install_package(): what belongs to no single library.
function(impasto_install_package)
  if(NOT IMPASTO_INSTALL)
    return()
  endif()
  configure_package_config_file(
    "${PROJECT_SOURCE_DIR}/cmake/impastoConfig.cmake.in" "${PROJECT_BINARY_DIR}/impastoConfig.cmake"
    INSTALL_DESTINATION "${IMPASTO_PACKAGE_DIR}"
    NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/impastoConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES
    "${PROJECT_BINARY_DIR}/impastoConfig.cmake"
    "${PROJECT_BINARY_DIR}/impastoConfigVersion.cmake"
    DESTINATION "${IMPASTO_PACKAGE_DIR}" COMPONENT development)
  if(IMPASTO_ENGINE_ONLY)
    return()
  endif()
  if(IMPASTO_TORCH)
    install(FILES "${PROJECT_SOURCE_DIR}/cmake/FindLibtorch.cmake"
      DESTINATION "${IMPASTO_PACKAGE_DIR}" COMPONENT development)
  endif()

  impasto_pkg_config(impasto "Feed-forward neural style transfer" "impasto-core, impasto-image" "")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/data/models" DESTINATION "${IMPASTO_DATA_DIR}"
    COMPONENT runtime FILES_MATCHING PATTERN "*.safetensors")
  install(FILES "${PROJECT_SOURCE_DIR}/configs/stylize.json" DESTINATION "${IMPASTO_DATA_DIR}/configs" COMPONENT runtime)
  install(FILES "${PROJECT_SOURCE_DIR}/configs/schema/stylize.schema.json"
    DESTINATION "${IMPASTO_DATA_DIR}/configs/schema" COMPONENT runtime)
endfunction()
