#include "impasto/train/metrics.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "impasto/base/error.h"

namespace impasto {

MetricsWriter::MetricsWriter(const std::filesystem::path& path)
    : path_(path), stream_(path, std::ios::app) {
  if (!stream_) throw IoError(path.string() + ": cannot be written: " + std::strerror(errno));
}

void MetricsWriter::write(const StepReport& report) {
  const nlohmann::ordered_json line = {
      {"step", report.step},
      {"total", report.total},
      {"content", report.content},
      {"style", report.style},
      {"tv", report.tv},
      {"loss", report.loss},
      {"learning_rate", report.learning_rate},
      {"gradient_norm", report.gradient_norm},
      {"pictures_per_second", report.pictures_per_second},
      {"loader_wait", report.loader_wait},
      {"seconds", report.seconds},
      {"eta", report.eta},
      {"bad_pictures", report.bad_pictures},
      {"skipped_steps", report.skipped_steps},
  };
  write_line(line.dump());
}

void MetricsWriter::write(const ValidationReport& report) {
  const nlohmann::ordered_json line = {{"step", report.step},
                                       {"validation",
                                        {{"content", report.content},
                                         {"style", report.style},
                                         {"tv", report.tv},
                                         {"loss", report.loss}}}};
  write_line(line.dump());
}

void MetricsWriter::write(const ActivityReport& report) {
  nlohmann::ordered_json shares = nlohmann::ordered_json::object();
  for (const auto& [layer, share] : report.layers) shares[layer] = share;
  write_line(nlohmann::ordered_json{{"step", report.step}, {"active", shares}}.dump());
}

void MetricsWriter::write_line(const std::string& line) {
  stream_ << line << '\n' << std::flush;
  if (!stream_) throw IoError(path_.string() + ": cannot be written: " + std::strerror(errno));
}

}  // namespace impasto
