# Finds libtorch without the wheel's own TorchConfig.cmake, which stops where no CUDA toolkit is
# installed although a CPU program needs none.
#
# Looked for, in this order: IMPASTO_TORCH_DIR, CMAKE_PREFIX_PATH (CMake variable, then environment), and
# the project's .deps/libtorch, where cmake/setup.sh puts it. A directory fits when it holds
# include/ATen/ATen.h and lib/libtorch_cpu.so: an unpacked libtorch archive, or the `torch` folder of an
# installed Python wheel.
#
# Defines the imported target Libtorch::Libtorch. It links libtorch_cpu and libc10 alone; where the CUDA
# libraries are installed, the program loads libtorch_cuda at run time, so that one build serves both.

set(_libtorch_hints "${IMPASTO_TORCH_DIR}" "$ENV{IMPASTO_TORCH_DIR}")
set(_libtorch_fallback "${CMAKE_CURRENT_LIST_DIR}/../.deps/libtorch/torch")

find_path(Libtorch_ROOT_DIR
  NAMES include/ATen/ATen.h
  HINTS ${_libtorch_hints}
  PATHS ${CMAKE_PREFIX_PATH} ENV CMAKE_PREFIX_PATH "${_libtorch_fallback}"
  PATH_SUFFIXES torch libtorch
  NO_DEFAULT_PATH)
find_library(Libtorch_CPU_LIBRARY torch_cpu HINTS "${Libtorch_ROOT_DIR}/lib" NO_DEFAULT_PATH)
find_library(Libtorch_C10_LIBRARY c10 HINTS "${Libtorch_ROOT_DIR}/lib" NO_DEFAULT_PATH)

# The numbers have moved from the second file to the first over the releases.
foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
  if(EXISTS "${Libtorch_ROOT_DIR}/include/${_header}" AND NOT Libtorch_VERSION)
    file(STRINGS "${Libtorch_ROOT_DIR}/include/${_header}" _lines
      REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
    list(TRANSFORM _lines REPLACE ".* " "")
    list(JOIN _lines "." Libtorch_VERSION)
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libtorch
  REQUIRED_VARS Libtorch_CPU_LIBRARY Libtorch_C10_LIBRARY Libtorch_ROOT_DIR
  VERSION_VAR Libtorch_VERSION
  REASON_FAILURE_MESSAGE "run 'sh cmake/setup.sh', or set IMPASTO_TORCH_DIR to an unpacked libtorch")

if(Libtorch_FOUND AND NOT TARGET Libtorch::Libtorch)
  add_library(Libtorch::Libtorch INTERFACE IMPORTED)
  target_include_directories(Libtorch::Libtorch SYSTEM INTERFACE
    "${Libtorch_ROOT_DIR}/include" "${Libtorch_ROOT_DIR}/include/torch/csrc/api/include")
  target_link_libraries(Libtorch::Libtorch INTERFACE "${Libtorch_CPU_LIBRARY}" "${Libtorch_C10_LIBRARY}")
  # libtorch_cpu.so of the wheel names CUDA's runtime and profiler libraries; they lie beside it, and its
  # own RPATH finds them when it is loaded, but the linker has to be told.
  foreach(_dir "${Libtorch_ROOT_DIR}/lib" "${Libtorch_ROOT_DIR}/../nvidia/cu13/lib")
    if(EXISTS "${_dir}")
      target_link_options(Libtorch::Libtorch INTERFACE "LINKER:-rpath-link,${_dir}")
    endif()
  endforeach()
endif()
mark_as_advanced(Libtorch_ROOT_DIR Libtorch_CPU_LIBRARY Libtorch_C10_LIBRARY)
