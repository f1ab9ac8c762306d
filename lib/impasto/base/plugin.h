#pragma once

// Private: not installed.

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "impasto/base/error.h"

namespace impasto {

/// Where the file of that name lies beside the library that this code is part of; the bare name,
/// which the system then looks for, when it is not there.
std::filesystem::path beside_this_library(const std::filesystem::path& file_name);

/// Loads a shared library, which registers what it offers, for the rest of the process. Throws
/// IoError with the system's reason.
void load_plugin(const std::filesystem::path& library);

/// What a library that is loaded when it is needed offers: a struct of functions, which the library
/// registers while it is loaded.
template <class Module>
class PluginModule {
 public:
  /// `purpose` says in messages what it is needed for.
  constexpr PluginModule(const char* file_name, const char* purpose)
      : file_name_(file_name), purpose_(purpose) {}

  /// Called by the library.
  void set(const Module& module) { module_ = module; }

  /// Loads the library if need be. Throws IoError that begins with `name`, the file or the work
  /// that it is needed for, where that fails. May be called from several threads at once.
  const Module& get(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (!module_) {
      try {
        load_plugin(beside_this_library(file_name_));
      } catch (const IoError& error) {
        throw IoError(name + ": cannot load " + purpose_ + ": " + error.what() + "; keep " +
                      file_name_ + " beside libimpasto_core");
      }
    }
    if (!module_) throw IoError(name + ": " + file_name_ + " is no library of Impasto's");
    return *module_;
  }

 private:
  const char* const file_name_;
  const char* const purpose_;
  std::mutex mutex_;
  std::optional<Module> module_;  // Set while the library is loaded, under the mutex.
};

}  // namespace impasto
