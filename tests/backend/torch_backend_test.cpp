#include "impasto/infer/backend.h"

#include <ATen/ATen.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <thread>

#ifdef __linux__
#include <sys/resource.h>

#include <fstream>
#endif

#include "impasto/base/error.h"
#include "impasto/nn/autocast.h"
#include "impasto/nn/style_model_io.h"
#include "impasto/nn/tensors.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/pictures.h"
#include "support/tiny_model.h"

using namespace impasto;

namespace {

const std::vector<float> kOne = {1.f};

BackendOptions cpu(Precision precision = Precision::kFloat32) {
  return {.device = "cpu", .precision = precision, .threads = 0, .backend = "torch"};
}

std::unique_ptr<Backend> make(const StyleModel& model, const BackendOptions& options = cpu()) {
  return make_backend(model, options);
}

Image expected_result(const StyleModel& model, const Image& image, const at::Tensor& weights) {
  const torch::NoGradGuard no_grad;
  Generator generator = make_generator(model);
  return to_image(generator->forward(to_tensor(image), weights));
}

/// The largest difference between two values of pictures of one size, and the mean one.
std::pair<int, double> differences(const Image& a, const Image& b) {
  REQUIRE(a.width() == b.width());
  REQUIRE(a.height() == b.height());
  int largest = 0;
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels().size(); ++i) {
    const int difference = std::abs(a.pixels()[i] - b.pixels()[i]);
    largest = std::max(largest, difference);
    sum += difference;
  }
  return {largest, sum / static_cast<double>(a.pixels().size())};
}

}  // namespace

TEST_CASE("The backend gives what the generator gives") {
  const StyleModel model = tiny_model();
  const Image photo = gradient(40, 24);
  const Image expected = expected_result(model, photo, {});
  REQUIRE(differences(make(model)->run(photo, kOne, {}), expected).first <= 1);
  // The test could not fail on a picture of one colour.
  REQUIRE(differences(photo, expected).second > 5);
}

TEST_CASE("Pictures of odd sizes come back in their size") {
  const auto backend = make(tiny_model());
  for (const auto& [width, height] : {std::pair{16, 16}, {17, 33}, {101, 19}, {50, 47}}) {
    const Image result = backend->run(gradient(width, height), kOne, {});
    REQUIRE(result.width() == width);
    REQUIRE(result.height() == height);
    REQUIRE(result.channels() == 3);
  }
}

TEST_CASE("Style weights choose and mix the styles") {
  const StyleModel model = tiny_model({"wave", "night"});
  const auto backend = make(model);
  const Image photo = gradient(32, 32);
  const auto run = [&](std::vector<float> weights) {
    const Image result = backend->run(photo, weights, {});
    const at::Tensor row = torch::tensor(weights).unsqueeze(0);
    REQUIRE(differences(result, expected_result(model, photo, row)).first <= 1);
    return result;
  };
  const Image wave = run({1, 0});
  const Image night = run({0, 1});
  const Image mixed = run({0.5f, 0.5f});
  REQUIRE(differences(wave, night).second > 1);
  REQUIRE(differences(wave, mixed).second > 0.5);
  REQUIRE(message_of<ConfigError>([&] { backend->run(photo, kOne, {}); }) ==
          "style weights: expected 2 numbers, found 1");
}

TEST_CASE("Several threads may share a backend") {
  const auto backend = make(tiny_model());
  std::vector<Image> photos;
  std::vector<Image> expected;
  for (int i = 0; i < 4; ++i) {
    photos.push_back(gradient(24 + 8 * i, 40 - 5 * i));
    expected.push_back(backend->run(photos.back(), kOne, {}));
  }
  std::vector<int> mismatches(photos.size(), -1);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < photos.size(); ++i) {
      threads.emplace_back([&, i] {
        int count = 0;
        for (int repeat = 0; repeat < 5; ++repeat) {
          const Image result = backend->run(photos[i], kOne, {});
          if (differences(result, expected[i]).first > 1) ++count;
        }
        mismatches[i] = count;
      });
    }
  }
  REQUIRE(mismatches == std::vector<int>(photos.size(), 0));
}

TEST_CASE("bfloat16 gives nearly the same picture on any processor") {
  // Initial weights, and an output wide enough to have contrast: those of `tiny_model` are so large
  // that its sigmoids saturate, where a rounding turns black into white.
  torch::manual_seed(1);
  GeneratorConfig config;
  config.base_channels = 8;
  config.output = Output::kTanh;
  Generator generator(config);
  {
    const torch::NoGradGuard no_grad;
    generator->named_parameters()["output.conv.weight"].mul_(2);
  }
  const StyleModel model = make_style_model(generator, {"wave"});
  const Image photo = gradient(48, 48);
  const Image exact = make(model)->run(photo, kOne, {});
  const auto backend = make(model, cpu(Precision::kBFloat16));
  REQUIRE(differences(photo, exact).second > 20);
  REQUIRE(differences(backend->run(photo, kOne, {}), exact).second < 5);
  REQUIRE_THAT(backend->description(), ContainsSubstring(", cpu, bfloat16, "));
}

TEST_CASE("Running a picture leaves autocast and gradients as they were") {
  const auto backend = make(tiny_model(), cpu(Precision::kBFloat16));
  backend->run(gradient(16, 16), kOne, {});
  const at::Tensor matrix = torch::ones({2, 2}).requires_grad_();
  const at::Tensor product = at::mm(matrix, matrix);
  REQUIRE(product.scalar_type() == at::kFloat);
  REQUIRE(product.requires_grad());
}

TEST_CASE("The description says what runs where") {
  const auto backend =
      make(tiny_model(),
           {.device = "cpu", .precision = Precision::kFloat32, .threads = 1, .backend = "torch"});
  REQUIRE_THAT(backend->description(), Catch::Matchers::StartsWith("libtorch "));
  REQUIRE_THAT(backend->description(), ContainsSubstring(", cpu, float32, 1 thread"));
}

TEST_CASE("What cannot be done is refused when the backend is made") {
  REQUIRE(message_of<ConfigError>([] {
            make(tiny_model(), {.device = "tpu", .backend = "torch"});
          }) == "device: expected auto, cpu, cuda or cuda:N, found 'tpu'");
  REQUIRE(message_of<ConfigError>([] {
            make(tiny_model(), cpu(Precision::kFloat16));
          }).starts_with("precision: float16 is for CUDA devices"));
  REQUIRE(message_of<ConfigError>([] {
            make(tiny_model(), {.device = "cpu", .threads = -2, .backend = "torch"});
          }) == "threads: expected 0 or more, found -2");
  StyleModel broken = tiny_model();
  broken.tensors.erase("output.conv.bias");
  REQUIRE_THROWS_AS(make(broken), FormatError);
}

TEST_CASE("A picture below the smallest size is a config error") {
  const auto backend = make(tiny_model());
  REQUIRE(message_of<ConfigError>([&] {
            backend->run(gradient(15, 40), kOne, {});
          }).starts_with("generator: expected pictures [N,3,H,W] with H and W of at least 16"));
}

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
namespace {

/// Lets this process have `bytes` more of address space than now, while it lives.
class MemoryLimit {
 public:
  explicit MemoryLimit(std::size_t bytes) {
    getrlimit(RLIMIT_AS, &before_);
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit limit = before_;
    limit.rlim_cur = pages * 4096 + bytes;
    setrlimit(RLIMIT_AS, &limit);
  }
  ~MemoryLimit() { setrlimit(RLIMIT_AS, &before_); }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  rlimit before_;
};

}  // namespace

TEST_CASE("A picture that does not fit into memory is an error that gives its size") {
  const auto backend = make(tiny_model());
  const Image photo = gradient(2000, 1500);
  backend->run(gradient(64, 64), kOne, {});  // Threads and buffers are there.
  const std::string message = [&] {
    const MemoryLimit limit(std::size_t{100} << 20);
    return message_of<IoError>([&] { backend->run(photo, kOne, {}); });
  }();
  REQUIRE(message == "out of memory on cpu for a picture of 2000x1500 pixels");
  // The backend still works.
  REQUIRE(backend->run(gradient(64, 64), kOne, {}).width() == 64);
}
#endif
