# cmake -D SOURCE_DIR=<project> -P cmake/CheckLayers.cmake
#
# Reads every #include under lib/ and apps/ and fails with a list of those that break the layering:
#
#   * a layer includes only itself and the layers that its CMakeLists.txt USES, transitively, which are those
#     in its row of the table in docs/architecture.md;
#   * the host half includes no libtorch, OpenCV is for `image` and `video` alone, and cxxopts for the programs;
#   * public headers include none of nlohmann-json, OpenCV, image codecs or private headers, and no header
#     includes <torch/torch.h>, which costs each of its includers most of a minute;
#   * programs include public headers.

cmake_minimum_required(VERSION 3.22)

set(problems "")
macro(report text)
  list(APPEND problems "${text}")
endmacro()

# --- what the layers say of themselves ------------------------------------------------------------------
# Their blocks in lib/impasto/*/CMakeLists.txt call this in place of the function that makes targets.
set(layers "")
set(torch_layers "")
function(impasto_layer name)
  cmake_parse_arguments(arg "TORCH" "" "SOURCES;USES;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  set(layers ${layers} ${name} PARENT_SCOPE)
  set(uses_${name} "${arg_USES}" PARENT_SCOPE)
  if(arg_TORCH)
    set(torch_layers ${torch_layers} ${name} PARENT_SCOPE)
  endif()
endfunction()

file(GLOB blocks "${SOURCE_DIR}/lib/impasto/*/CMakeLists.txt")
foreach(block IN LISTS blocks)
  file(READ "${block}" text)
  string(REGEX MATCH "impasto_layer\\([^)]*\\)" call "${text}")
  cmake_language(EVAL CODE "${call}")
endforeach()
if(NOT layers)
  message(FATAL_ERROR "${SOURCE_DIR}/lib/impasto: expected layers, found none")
endif()

# Layers that may be included from `layer`, itself first.
function(reach out layer)
  set(reached "")
  set(open ${layer})
  while(open)
    list(POP_FRONT open next)
    if(NOT next IN_LIST reached)
      list(APPEND reached ${next})
      list(APPEND open ${uses_${next}})
    endif()
  endwhile()
  set(${out} "${reached}" PARENT_SCOPE)
endfunction()

# --- the table of the documentation -------------------------------------------------------------------
# | half | `layer` | what it holds | a, b |
file(STRINGS "${SOURCE_DIR}/docs/architecture.md" rows REGEX "^\\| (host|torch) \\| `[a-z]+` \\|")
set(documented "")
foreach(row IN LISTS rows)
  string(REGEX REPLACE "^\\| ([a-z]+) \\| `([a-z]+)` \\|.*\\| ([^|]*) \\|$" "\\1;\\2;\\3" fields "${row}")
  list(GET fields 0 half)
  list(GET fields 1 name)
  list(GET fields 2 uses)
  list(APPEND documented ${name})
  string(REPLACE ", " ";" uses "${uses}")
  list(REMOVE_ITEM uses none)
  if(NOT "${uses}" STREQUAL "${uses_${name}}")
    report("docs/architecture.md: '${name}' may use '${uses}', its CMakeLists.txt says '${uses_${name}}'")
  endif()
  if((half STREQUAL "torch" AND NOT name IN_LIST torch_layers) OR (half STREQUAL "host" AND name IN_LIST torch_layers))
    report("docs/architecture.md: layer '${name}' is in the wrong half, '${half}'")
  endif()
endforeach()
foreach(layer IN LISTS layers)
  if(NOT layer IN_LIST documented)
    report("docs/architecture.md: layer '${layer}' has no row in the table")
  endif()
endforeach()

# --- the includes -------------------------------------------------------------------------------------
include("${CMAKE_CURRENT_LIST_DIR}/PublicHeaders.cmake")

file(GLOB_RECURSE files RELATIVE "${SOURCE_DIR}"
  "${SOURCE_DIR}/lib/*.h" "${SOURCE_DIR}/lib/*.cpp" "${SOURCE_DIR}/apps/*.h" "${SOURCE_DIR}/apps/*.cpp")
foreach(file IN LISTS files)
  set(layer "")
  if(file MATCHES "^lib/impasto/([a-z]+)/")
    set(layer ${CMAKE_MATCH_1})
    reach(allowed ${layer})
  endif()
  set(header FALSE)
  set(public FALSE)
  if(file MATCHES "\\.h$" AND layer)
    set(header TRUE)
    impasto_is_public(public "${SOURCE_DIR}/${file}")
  endif()

  file(STRINGS "${SOURCE_DIR}/${file}" includes REGEX "^ *# *include ")
  foreach(line IN LISTS includes)
    if(NOT line MATCHES "include [<\"]([^>\"]+)[>\"]")
      continue()
    endif()
    set(path "${CMAKE_MATCH_1}")

    if(path MATCHES "^impasto/([a-z]+)/")
      set(other ${CMAKE_MATCH_1})
      if(layer AND NOT other IN_LIST allowed)
        report("${file}: layer '${layer}' may not include ${path}")
      endif()
      if(NOT EXISTS "${SOURCE_DIR}/lib/${path}")
        report("${file}: there is no ${path}")
        continue()
      endif()
      impasto_is_public(other_is_public "${SOURCE_DIR}/lib/${path}")
      if(NOT other_is_public AND (public OR NOT layer))
        report("${file}: ${path} is private")
      endif()
    elseif(layer AND line MATCHES "\"")
      report("${file}: write \"impasto/<layer>/...\" instead of \"${path}\"")
    elseif(path MATCHES "^(torch|ATen|c10)/")
      if(layer AND NOT layer IN_LIST torch_layers)
        report("${file}: the host half may not include ${path}")
      endif()
      if(header AND path MATCHES "^torch/(torch|all)\\.h$")
        report("${file}: include what is used instead of <${path}>")
      endif()
    elseif(path MATCHES "^opencv2/" AND NOT layer MATCHES "^(image|video)$")
      report("${file}: OpenCV is for the layers image and video, found ${path}")
    elseif(path MATCHES "^cxxopts" AND layer)
      report("${file}: cxxopts is for the programs")
    endif()
    # One header is for applications that use OpenCV themselves.
    if(public AND path MATCHES "^opencv2/" AND file STREQUAL "lib/impasto/image/opencv.h")
      continue()
    endif()
    if(public AND path MATCHES "^(nlohmann/|opencv2/|jpeglib|png\\.h|webp/|lcms2|onnx/|zip\\.h)")
      report("${file}: a public header may not include ${path}")
    endif()
  endforeach()
endforeach()

if(problems)
  list(JOIN problems "\n  " text)
  message(FATAL_ERROR "Layers:\n  ${text}\n")
endif()
list(LENGTH files count)
message(STATUS "Layers: ${count} files are in order")
