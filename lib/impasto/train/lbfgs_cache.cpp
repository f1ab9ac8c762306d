#include "impasto/train/lbfgs_cache.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <span>
#include <system_error>
#include <utility>

#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/base/hash.h"
#include "impasto/base/log.h"

namespace impasto {
namespace {

using nlohmann::json;

json terms_of(const LossValues& loss) { return {loss.content, loss.style, loss.tv, loss.total}; }

LossValues loss_of(const json& terms) {
  return {.content = terms.at(0).get<double>(),
          .style = terms.at(1).get<double>(),
          .tv = terms.at(2).get<double>(),
          .total = terms.at(3).get<double>()};
}

}  // namespace

LbfgsCache::LbfgsCache(std::filesystem::path folder) : folder_(std::move(folder)) {
  if (!folder_.empty()) require_writable_folder(folder_);
}

std::filesystem::path LbfgsCache::file_of(const std::string& inputs) const {
  const Hash hash = Hash().add(std::as_bytes(std::span(inputs)));
  return folder_ / (hash.text() + ".json");
}

std::optional<std::vector<LossValues>> LbfgsCache::find(const std::string& inputs,
                                                        std::size_t evaluations) const {
  std::error_code ignored;
  if (folder_.empty() || !std::filesystem::exists(file_of(inputs), ignored)) return {};
  const std::string text = read_text_file(file_of(inputs));
  try {
    const json entry = json::parse(text);
    // Two inputs might have one hash.
    if (entry.at("inputs").get<std::string>() != inputs) return {};
    const json& course = entry.at("course");
    if (course.size() < evaluations) return {};
    std::vector<LossValues> losses;
    for (std::size_t i = 0; i < evaluations; ++i) losses.push_back(loss_of(course.at(i)));
    return losses;
  } catch (const json::exception&) {
    log_warning(file_of(inputs).string() + ": damaged, computed anew");
    return {};
  }
}

void LbfgsCache::store(const std::string& inputs, const std::vector<LossValues>& course) const {
  if (folder_.empty()) return;
  json entry = {{"inputs", inputs}, {"course", json::array()}};
  for (const LossValues& loss : course) entry["course"].push_back(terms_of(loss));
  write_file_atomically(file_of(inputs), entry.dump());
}

std::string fingerprint(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().cpu().contiguous();
  Hash hash;
  const std::string form =
      std::string(c10::toString(plain.scalar_type())) + c10::str(plain.sizes());
  hash.add(std::as_bytes(std::span(form)));
  hash.add({static_cast<const std::byte*>(plain.const_data_ptr()), plain.nbytes()});
  return hash.text();
}

}  // namespace impasto
