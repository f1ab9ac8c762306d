#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "impasto/base/stylize_config.h"

namespace impasto::cli {

/// A picture to stylize, and the file to write.
struct Job {
  std::filesystem::path input;
  std::filesystem::path output;
};

struct Jobs {
  std::vector<Job> jobs;
  bool several = false;  ///< More than one was asked for: a folder, a list, or several files.
  std::vector<std::string> unreadable;  ///< A message for each folder that cannot be read.
};

/// What `config` asks for, from the file system without reading a picture. One file goes to the
/// file `output`, or into the folder `output` where there is one or the name ends in a slash.
/// Several files and `is_list` go into that folder, each under its own name; a folder is searched
/// with all below it, and its tree repeated there. The output folder is never searched.
///
/// Throws ConfigError where `output` does not fit, a result would overwrite an input, a model or
/// another result, or its format is not written; IoError where a folder holds no picture.
Jobs list_jobs(const StylizeConfig& config, bool is_list = false);

}  // namespace impasto::cli
