#include "impasto/base/plugin.h"

#include <dlfcn.h>

#include <system_error>

#include "impasto/base/error.h"

namespace impasto {

std::filesystem::path beside_this_library(const std::filesystem::path& file_name) {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&beside_this_library), &info) == 0) return file_name;
  const auto file = std::filesystem::path(info.dli_fname).parent_path() / file_name;
  std::error_code ignored;
  return std::filesystem::exists(file, ignored) ? file : file_name;
}

void load_plugin(const std::filesystem::path& library) {
  // Never closed: what a library registers must outlive every user of it.
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr) return;
  const char* reason = dlerror();
  throw IoError(reason != nullptr ? reason : library.string() + ": cannot be loaded");
}

}  // namespace impasto
