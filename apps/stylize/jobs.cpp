#include "stylize/jobs.h"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "cli/guard.h"
#include "impasto/base/error.h"
#include "impasto/base/text.h"
#include "impasto/image/image_folder.h"
#include "impasto/image/image_io.h"
#include "impasto/video/video_io.h"

namespace impasto::cli {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  std::error_code absent;
  return fs::is_directory(path, absent);
}

// Whether results go into `output` under names of their own.
bool means_folder(const fs::path& output) { return is_folder(output) || !output.has_filename(); }

// The same for every name of one file; without links where it is there.
fs::path identity(const fs::path& path) {
  std::error_code error;
  fs::path whole = fs::weakly_canonical(path, error);
  if (error) whole = fs::absolute(path).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();  // "styled/" is "styled".
}

fs::path with_format(const fs::path& name, const std::string& format) {
  if (!format.empty()) return fs::path(name).replace_extension("." + format);
  return is_writable_format(name) ? name : fs::path(name).replace_extension(".png");
}

fs::path film_name(const fs::path& input, const StylizeConfig& config) {
  if (config.frames) return input.stem();
  const fs::path name = input.filename();
  return is_writable_video(name) ? name : fs::path(name).replace_extension(".mp4");
}

// Of a film or a camera that is all there is to do.
fs::path film_output(const fs::path& input, const StylizeConfig& config) {
  if (config.frames) return config.output;
  if (means_folder(config.output)) return config.output / film_name(input, config);
  require_writable_video(config.output);
  return config.output;
}

// Told before the name of the output is found wrong, which may be right for what was meant.
void require_there(const fs::path& input) {
  std::error_code error;
  if (fs::exists(input, error)) return;
  if (!error) error = std::make_error_code(std::errc::no_such_file_or_directory);
  throw IoError(input.string() + ": cannot read: " + error.message());
}

void add_folder(const fs::path& folder, const StylizeConfig& config, Jobs& list) {
  if (identity(folder) == identity(config.output)) {
    throw ConfigError(config.output.string() +
                      ": expected another folder than that of the pictures for the results");
  }
  const PictureSearch search{.except = config.output, .on_unreadable = [&](const std::string& m) {
                               list.unreadable.push_back(m);
                             }};
  for (const fs::path& file : find_pictures(folder, search)) {
    const fs::path name = file.lexically_relative(folder);
    list.jobs.push_back(
        {.input = file, .output = config.output / with_format(name, config.format)});
  }
}

void require_folder_name(const fs::path& output) {
  if (means_folder(output)) return;
  std::error_code absent;
  if (fs::exists(output, absent)) {
    throw ConfigError(output.string() +
                      ": expected a folder for the results of several pictures, found a file");
  }
  if (is_picture_file(output) || is_writable_video(output)) {
    throw ConfigError(output.string() +
                      ": expected a folder for the results of several pictures, found the name of "
                      "a " +
                      (is_picture_file(output) ? "picture" : "film"));
  }
}

// What would be overwritten is told before anything is.
void check_outputs(const Jobs& list, const StylizeConfig& config) {
  std::map<fs::path, fs::path> sources;
  for (const Job& job : list.jobs) sources.emplace(identity(job.input), job.input);
  std::map<fs::path, std::string> tools = {{identity(config.model), "model"}};
  for (const auto& [model, mask] : config.masks) {
    tools.emplace(identity(model), "model");
    tools.emplace(identity(mask), "mask");
  }
  std::map<fs::path, fs::path> results;
  for (const Job& job : list.jobs) {
    const fs::path place = identity(job.output);
    const auto tool = tools.find(place);
    if (tool != tools.end() || sources.contains(place)) {
      throw ConfigError(job.output.string() + ": the output would overwrite the " +
                        (tool != tools.end() ? tool->second : "input") + "; give another name");
    }
    const auto [first, is_new] = results.emplace(place, job.input);
    if (!is_new) {
      throw ConfigError(job.output.string() + ": expected one picture to write there, found two: " +
                        first->second.string() + " and " + job.input.string());
    }
  }
}

// What is asked for is for films, or for pictures, and so there are some.
void check_kinds(const StylizeConfig& config, bool is_list) {
  const auto is_film = [](const fs::path& input) { return is_video_file(input); };
  const bool has_film = config.camera >= 0 || std::ranges::any_of(config.input, is_film);
  const bool has_picture = is_list || !std::ranges::all_of(config.input, is_film);
  if ((config.frames || config.temporal) && !has_film) {
    throw ConfigError(std::string(config.frames ? "frames" : "temporal") +
                      ": expected a film or a camera, found pictures alone");
  }
  if (config.keep_metadata && !has_picture) {
    throw ConfigError("keep_metadata: expected a picture, found films alone");
  }
  if (!config.format.empty() && !has_picture) {
    throw ConfigError(
        "format: expected a picture, found films alone; a film's format is that of "
        "the output's name");
  }
}

}  // namespace

Jobs list_jobs(const StylizeConfig& config, bool is_list) {
  check_kinds(config, is_list);
  Jobs list;
  list.several = is_list || config.input.size() > 1 ||
                 (config.input.size() == 1 && is_folder(config.input[0]));
  if (list.several) require_folder_name(config.output);
  if (config.camera >= 0) {
    const std::string name = "camera " + std::to_string(config.camera);
    list.jobs.push_back(
        {.input = name, .output = film_output(name, config), .kind = Job::Kind::kCamera});
  }
  for (const fs::path& input : config.input) {
    if (is_folder(input)) {
      add_folder(input, config, list);
    } else if (is_video_file(input)) {
      list.jobs.push_back({.input = input,
                           .output = list.several ? config.output / film_name(input, config)
                                                  : film_output(input, config),
                           .kind = Job::Kind::kFilm});
    } else if (list.several || means_folder(config.output)) {
      list.jobs.push_back(
          {.input = input, .output = config.output / with_format(input.filename(), config.format)});
    } else {
      require_there(input);
      require_writable_format(config.output);
      list.jobs.push_back({.input = input, .output = config.output});
    }
  }
  check_outputs(list, config);
  return list;
}

}  // namespace impasto::cli
