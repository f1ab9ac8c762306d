#include "run_folder.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/base/image.h"
#include "impasto/image/image_io.h"

namespace impasto::cli {
namespace {

namespace fs = std::filesystem;

void remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) throw IoError(path.string() + ": cannot be removed: " + error.message());
}

// "step_000500.png", so that names sort as steps do.
std::string sample_name(std::int64_t step) {
  char name[32];
  std::snprintf(name, sizeof name, "step_%06lld.png", static_cast<long long>(step));
  return name;
}

bool is_sample(const fs::path& path) {
  return path.filename().string().starts_with("step_") && path.extension() == ".png";
}

// Pictures of one width under each other, on white with a gap between them.
Image stacked(const std::vector<Image>& rows, int gap) {
  int height = -gap;
  for (const auto& row : rows) height += row.height() + gap;
  Image sheet(rows.front().width(), height);
  std::ranges::fill(sheet.pixels(), 255);
  int y = 0;
  for (const auto& row : rows) {
    std::ranges::copy(row.pixels(), sheet.row(y));
    y += row.height() + gap;
  }
  return sheet;
}

}  // namespace

RunFolder::RunFolder(const TrainConfig& config, bool overwrite) : path_(config.output.dir) {
  std::error_code ignored;
  for (const auto& file : {model_path(), metrics_path()}) {
    if (overwrite || !fs::exists(file, ignored)) continue;
    throw ConfigError("output.dir: " + path_.string() + " holds an earlier run already (" +
                      file.filename().string() +
                      "): give another folder, or --overwrite to replace that run");
  }
}

void RunFolder::begin(const TrainConfig& config) {
  require_writable_folder(path_);
  remove_file(model_path());
  remove_file(metrics_path());
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(samples_path(), absent)) {
    if (is_sample(entry.path())) remove_file(entry.path());
  }
  write_file_atomically(path_ / "config.json", to_json(config));
  metrics_.emplace(metrics_path());
}

void RunFolder::write_metrics(const StepReport& report) { metrics_->write(report); }

void RunFolder::write_samples(const SampleReport& report) const {
  constexpr int kGap = 8;
  std::vector<Image> rows;
  for (std::size_t i = 0; i < report.photos.size(); ++i) {
    rows.push_back(side_by_side(std::vector{report.photos[i], report.results[i]}, kGap));
  }
  write_image(samples_path() / sample_name(report.step), stacked(rows, kGap));
}

void RunFolder::write_model(const StyleModel& model) const { model.save(model_path()); }

}  // namespace impasto::cli
