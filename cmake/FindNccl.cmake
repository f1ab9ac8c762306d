# Finds the headers of NCCL and of CUDA's runtime, which libtorch's own headers on NCCL include. The libraries
# come with libtorch's CUDA build, at run time.

find_path(Nccl_INCLUDE_DIR NAMES nccl.h
  PATHS "${Libtorch_ROOT_DIR}/../nvidia/nccl/include" "${Libtorch_ROOT_DIR}/../nvidia/cu13/include")
find_path(Nccl_CUDA_INCLUDE_DIR NAMES cuda_runtime_api.h
  PATHS "${Libtorch_ROOT_DIR}/../nvidia/cu13/include" /usr/local/cuda/include)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Nccl REQUIRED_VARS Nccl_INCLUDE_DIR Nccl_CUDA_INCLUDE_DIR)
set(Nccl_INCLUDE_DIRS "${Nccl_INCLUDE_DIR}" "${Nccl_CUDA_INCLUDE_DIR}")
mark_as_advanced(Nccl_INCLUDE_DIR Nccl_CUDA_INCLUDE_DIR)
