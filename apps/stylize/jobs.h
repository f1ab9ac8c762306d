#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "impasto/base/stylize_config.h"

namespace impasto::cli {

/// A picture or film to stylize, and the file to write.
struct Job {
  enum class Kind { kPicture, kFilm, kCamera };

  std::filesystem::path input;   ///< "camera 0" for a camera.
  std::filesystem::path output;  ///< Of a film, the folder where its frames are asked for.
  Kind kind = Kind::kPicture;
};

struct Jobs {
  std::vector<Job> jobs;
  bool several = false;  ///< More than one was asked for: a folder, a list, or several files.
  std::vector<std::string> unreadable;  ///< A message for each folder that cannot be read.
};

/// What `config` asks for, from the file system without reading a picture. One file goes to the
/// file `output`, or into the folder `output` where there is one or the name ends in a slash.
/// Several files and `is_list` go into that folder, each under its own name; a folder is searched
/// with all below it, and its tree repeated there. The output folder is never searched, and films
/// in folders are left out.
///
/// Throws ConfigError where `output` does not fit, a result would overwrite an input, a model or
/// another result, its format is not written, or what is asked for is for films and there is none;
/// IoError where a folder holds no picture.
Jobs list_jobs(const StylizeConfig& config, bool is_list = false);

}  // namespace impasto::cli
