# Finds the headers of CUDA's runtime, which libtorch's own headers on CUDA include: those that come with libtorch's
# wheel, or a toolkit's. The libraries are there at run time, with libtorch's CUDA build.

find_path(CudaHeaders_INCLUDE_DIR NAMES cuda_runtime_api.h
  PATHS "${Libtorch_ROOT_DIR}/../nvidia/cu13/include" /usr/local/cuda/include)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CudaHeaders REQUIRED_VARS CudaHeaders_INCLUDE_DIR)
mark_as_advanced(CudaHeaders_INCLUDE_DIR)
