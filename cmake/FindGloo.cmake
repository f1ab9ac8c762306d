# Finds Gloo's headers. The library itself is inside libtorch: these say how to talk to it.

find_path(Gloo_INCLUDE_DIR NAMES gloo/rendezvous/store.h)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Gloo
  REQUIRED_VARS Gloo_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install libgloo-dev, or configure with -DIMPASTO_DIST=OFF for a train without several processes")
mark_as_advanced(Gloo_INCLUDE_DIR)
