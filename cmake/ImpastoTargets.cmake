# Helpers that keep the target blocks in lib/, apps/ and tests/ down to names and sources.

include(GNUInstallDirs)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Installed programs and libraries find one another from where they lie: the prefix may be moved.
set(IMPASTO_ORIGIN "$ORIGIN")
if(APPLE)
  set(IMPASTO_ORIGIN "@loader_path")
endif()

if(PROJECT_IS_TOP_LEVEL)
  # One folder for programs and one for libraries, as after installation: `stylize` finds
  # libimpasto_torch beside libimpasto_core by the same relative path in both.
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
  endif()
  file(RELATIVE_PATH _libraries "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}")
  set(CMAKE_INSTALL_RPATH "${IMPASTO_ORIGIN}/${_libraries}")

  find_program(CCACHE ccache)
  if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Without this ccache takes no file that uses precompiled headers.
    set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE}")
  endif()
endif()

function(impasto_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wnon-virtual-dtor)
  if(IMPASTO_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(IMPASTO_SANITIZE)
    # The code that checks are added to confuses g++'s analysis of what is initialised.
    target_compile_options(${target} PRIVATE -fsanitize=${IMPASTO_SANITIZE} -fno-sanitize-recover=all
      -fno-omit-frame-pointer $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(${target} PRIVATE -fsanitize=${IMPASTO_SANITIZE})
  endif()
endfunction()

# impasto_torch_pch(<target>): precompiles libtorch's headers, once for the whole build.
function(impasto_torch_pch target)
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp" CONTENT "")
  add_library(${target} OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp")
  target_link_libraries(${target} PRIVATE Libtorch::Libtorch)
  target_precompile_headers(${target} PRIVATE "${PROJECT_SOURCE_DIR}/lib/impasto/torch_pch.h")
  impasto_compile_options(${target})
endfunction()

# impasto_use_torch_pch(<target>): has a layer or a program reuse them.
function(impasto_use_torch_pch target)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    # Precompiled headers fit one set of code generation flags: programs take the libraries' -fPIC instead of
    # -fPIE, and need no second copy.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE ${CMAKE_CXX_COMPILE_OPTIONS_PIC})
  endif()
  target_precompile_headers(${target} REUSE_FROM impasto_torch_pch)
endfunction()

# impasto_layer(<name> [TORCH] SOURCES ... [USES layer...] [LIBRARIES ...] [PRIVATE_LIBRARIES ...])
#
# One folder under lib/impasto as the object library impasto_<name>.
function(impasto_layer name)
  cmake_parse_arguments(arg "TORCH" "" "SOURCES;USES;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  set(target impasto_${name}_layer)
  add_library(${target} OBJECT ${arg_SOURCES})
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/lib>")
  list(TRANSFORM arg_USES REPLACE "(.+)" "impasto_\\1_layer")
  target_link_libraries(${target} PUBLIC ${arg_USES} ${arg_LIBRARIES} PRIVATE ${arg_PRIVATE_LIBRARIES})
  impasto_compile_options(${target})
  if(arg_TORCH)
    target_link_libraries(${target} PUBLIC Libtorch::Libtorch)
    impasto_use_torch_pch(${target})
  endif()
endfunction()

# Before 1.0 each minor version may change the libraries' interface, so that the name they are loaded by has it.
set(IMPASTO_SOVERSION ${PROJECT_VERSION_MAJOR})
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(IMPASTO_SOVERSION 0.${PROJECT_VERSION_MINOR})
endif()

# impasto_library(<name> [C] LAYERS layer...): gathers layers into the shared library libimpasto_<name>, the target
# impasto::<name>. It exports the namespace impasto; with C, the functions of the C interface alone.
function(impasto_library name)
  cmake_parse_arguments(arg "C" "" "LAYERS" ${ARGN})
  list(TRANSFORM arg_LAYERS REPLACE "(.+)" "impasto_\\1_layer")
  set(target impasto_${name})
  add_library(${target} SHARED)
  add_library(impasto::${name} ALIAS ${target})
  target_link_libraries(${target} PRIVATE ${arg_LAYERS})
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/lib>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name}
    VERSION ${PROJECT_VERSION} SOVERSION ${IMPASTO_SOVERSION} INSTALL_RPATH "${IMPASTO_ORIGIN}")
  set(exports "${PROJECT_SOURCE_DIR}/cmake/exports_c.map")
  if(NOT arg_C)
    set(exports "${PROJECT_SOURCE_DIR}/cmake/exports_cxx.map")
    target_compile_features(${target} PUBLIC cxx_std_20)
  endif()
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    # As RPATH, not RUNPATH: what is loaded later, such as libtorch_cuda, is looked for there too.
    target_link_options(${target} PRIVATE
      "LINKER:--disable-new-dtags" "LINKER:--version-script=${exports}")
    set_target_properties(${target} PROPERTIES LINK_DEPENDS "${exports}")
  endif()
  impasto_compile_options(${target})
endfunction()

# impasto_runtime_name(<out> <name>): the file name that libimpasto_<name> is loaded by: the versioned one, as the
# development link is not installed everywhere.
function(impasto_runtime_name out name)
  set(suffix "${CMAKE_SHARED_LIBRARY_SUFFIX}.${IMPASTO_SOVERSION}")
  if(APPLE)
    set(suffix ".${IMPASTO_SOVERSION}${CMAKE_SHARED_LIBRARY_SUFFIX}")
  endif()
  set(${out} "${CMAKE_SHARED_LIBRARY_PREFIX}impasto_${name}${suffix}" PARENT_SCOPE)
endfunction()

# impasto_test(<layer> [TORCH] SOURCES ...): the Catch2 program <layer>_test of one test folder, known to ctest.
function(impasto_test name)
  cmake_parse_arguments(arg "TORCH" "" "SOURCES" ${ARGN})
  set(target ${name}_test)
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(${target} PRIVATE
    IMPASTO_SOURCE_DIR="${PROJECT_SOURCE_DIR}" IMPASTO_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(${target} PRIVATE impasto::impasto impasto_test_support)
  impasto_compile_options(${target})
  if(arg_TORCH)
    target_link_libraries(${target} PRIVATE impasto_torch)
    impasto_use_torch_pch(${target})
  endif()
  add_test(NAME ${name} COMMAND ${target})
  # One compute thread a test program: ctest runs several, and OpenMP's threads would wait for one another spinning.
  set_tests_properties(${name} PROPERTIES ENVIRONMENT OMP_NUM_THREADS=1)
endfunction()
