#include "impasto/train/run_history.h"

#include <limits>
#include <string>
#include <string_view>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/base/json.h"

namespace impasto {
namespace {

double to_number(const Json& value, const std::string& key) {
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!value.is_number()) {
    throw FormatError("'" + key + "': expected a number, found " + describe(value));
  }
  return value.get<double>();
}

const Json& to_object(const Json& value, const std::string& what) {
  if (!value.is_object()) {
    throw FormatError(what + ": expected an object, found " + describe(value));
  }
  return value;
}

void read(const Json& object, const char* key, double& target) {
  if (const auto entry = object.find(key); entry != object.end()) target = to_number(*entry, key);
}

void read(const Json& object, const char* key, std::int64_t& target) {
  const auto entry = object.find(key);
  if (entry == object.end()) return;
  if (!entry->is_number_integer()) {
    throw FormatError("'" + std::string(key) + "': expected an integer, found " + describe(*entry));
  }
  target = entry->get<std::int64_t>();
}

StepReport to_step(const Json& line) {
  StepReport report;
  read(line, "step", report.step);
  read(line, "total", report.total);
  read(line, "content", report.content);
  read(line, "style", report.style);
  read(line, "tv", report.tv);
  read(line, "loss", report.loss);
  read(line, "learning_rate", report.learning_rate);
  read(line, "gradient_norm", report.gradient_norm);
  read(line, "pictures_per_second", report.pictures_per_second);
  read(line, "loader_wait", report.loader_wait);
  read(line, "seconds", report.seconds);
  read(line, "eta", report.eta);
  read(line, "bad_pictures", report.bad_pictures);
  read(line, "skipped_steps", report.skipped_steps);
  return report;
}

ValidationReport to_validation(const Json& line) {
  ValidationReport report;
  read(line, "step", report.step);
  const Json& losses = to_object(line.at("validation"), "'validation'");
  read(losses, "content", report.content);
  read(losses, "style", report.style);
  read(losses, "tv", report.tv);
  read(losses, "loss", report.loss);
  return report;
}

ActivityReport to_activity(const Json& line) {
  ActivityReport report;
  read(line, "step", report.step);
  for (const auto& [layer, share] : to_object(line.at("active"), "'active'").items()) {
    report.layers.push_back({.layer = layer, .share = to_number(share, layer)});
  }
  return report;
}

void read_line(std::string_view text, RunHistory& history) {
  const Json line = parse_json(text, "not JSON");
  to_object(line, "the line");
  if (line.contains("validation")) {
    history.validations.push_back(to_validation(line));
  } else if (line.contains("active")) {
    history.activities.push_back(to_activity(line));
  } else if (line.contains("loss")) {
    history.steps.push_back(to_step(line));
  }
}

}  // namespace

RunHistory read_run_history(const std::filesystem::path& metrics) {
  const std::string text = read_text_file(metrics);
  RunHistory history;
  std::size_t begin = 0;
  for (std::int64_t number = 1;; ++number) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return history;
    try {
      read_line(std::string_view(text).substr(begin, end - begin), history);
    } catch (const FormatError& error) {
      throw FormatError(metrics.string() + ": line " + std::to_string(number) + ": " +
                        error.what());
    }
    begin = end + 1;
  }
}

}  // namespace impasto
