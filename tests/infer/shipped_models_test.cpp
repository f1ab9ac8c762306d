// The models in data/models, as a user gets them.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include "impasto/engine/engine.h"
#include "impasto/image/image_io.h"
#include "impasto/style/style_model.h"
#include "support/catch.h"
#include "support/files.h"

using namespace impasto;

namespace {

double psnr(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels().size(); ++i) {
    const double difference = a.pixels()[i] - b.pixels()[i];
    sum += difference * difference;
  }
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.pixels().size()) / sum);
}

/// Of the pixels whose three channels are all between `low` and `high`.
double share_between(const Image& image, int low, int high) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < image.pixels().size(); i += 3) {
    const auto [least, most] =
        std::minmax({image.pixels()[i], image.pixels()[i + 1], image.pixels()[i + 2]});
    if (least >= low && most <= high) ++count;
  }
  return static_cast<double>(count) / (static_cast<double>(image.pixels().size()) / 3);
}

double standard_deviation(const Image& image) {
  double sum = 0, square = 0;
  for (const double value : image.pixels()) {
    sum += value;
    square += value * value;
  }
  const auto count = static_cast<double>(image.pixels().size());
  return std::sqrt(square / count - (sum / count) * (sum / count));
}

}  // namespace

TEST_CASE("every shipped model is small, fast, and paints the same in bfloat16") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(project_file("data/models"))) {
    if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
  }
  REQUIRE(!files.empty());
  const Image photo = read_image(project_file("data/examples/chenonceau.jpg"));
  for (const auto& file : files) {
    INFO(file.filename());
    CHECK(std::filesystem::file_size(file) <= 4'000'000);
    const StyleModel model = StyleModel::load(file);
    const Engine exact(model, {.precision = Precision::kFloat32});
    const Engine rounded(model, {.precision = Precision::kBFloat16});
    CHECK_THAT(rounded.describe_plan(photo.width(), photo.height()), !ContainsSubstring("on load"));
    const Image picture = exact.run(photo);
    CHECK(psnr(picture, rounded.run(photo)) >= 40);
    // Neither blotches nor grey: what a network shows whose training went wrong.
    CHECK(share_between(picture, 0, 3) < 0.01);
    CHECK(share_between(picture, 252, 255) < 0.01);
    CHECK(standard_deviation(picture) > 25);
  }
}
