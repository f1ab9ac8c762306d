#include "impasto/train/checkpoint_folder.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/base/log.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

// Names sort as steps do.
std::string file_name(std::int64_t step) {
  char name[48];
  std::snprintf(name, sizeof name, "step_%08lld.safetensors", static_cast<long long>(step));
  return name;
}

bool is_checkpoint(const fs::path& path) {
  return path.filename().string().starts_with("step_") && path.extension() == ".safetensors";
}

}  // namespace

CheckpointFolder::CheckpointFolder(fs::path folder, int keep)
    : folder_(std::move(folder)), keep_(static_cast<std::size_t>(std::max(1, keep))) {}

void CheckpointFolder::save(const Checkpoint& checkpoint) const {
  checkpoint.save(folder_ / file_name(checkpoint.step));
  auto old = files();
  old.resize(old.size() - std::min(old.size(), keep_));
  for (const auto& file : old) remove_file(file);
}

Checkpoint CheckpointFolder::load_newest() const {
  auto candidates = files();
  if (candidates.empty()) {
    throw IoError(folder_.string() +
                  ": expected a checkpoint to go on from, found none: the run ended before "
                  "its first one (run.checkpoint_every)");
  }
  while (true) {
    try {
      return Checkpoint::load(candidates.back());
    } catch (const FormatError& error) {
      candidates.pop_back();
      if (candidates.empty()) throw;
      log_warning(std::string("damaged, the checkpoint before it is used: ") + error.what());
    }
  }
}

std::vector<fs::path> CheckpointFolder::files() const {
  std::error_code absent;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder_, absent)) {
    if (is_checkpoint(entry.path())) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

void CheckpointFolder::clear() const {
  for (const auto& file : files()) remove_file(file);
  remove_temporary_files(folder_);
}

}  // namespace impasto
