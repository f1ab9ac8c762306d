# Finds the header of NCCL. The library comes with libtorch's CUDA build, at run time.

find_path(Nccl_INCLUDE_DIR NAMES nccl.h
  PATHS "${Libtorch_ROOT_DIR}/../nvidia/nccl/include" "${Libtorch_ROOT_DIR}/../nvidia/cu13/include")

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Nccl REQUIRED_VARS Nccl_INCLUDE_DIR)
mark_as_advanced(Nccl_INCLUDE_DIR)
