#include "impasto/infer/backend.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/tiny_model.h"

using namespace impasto;

namespace {

class NamedBackend : public Backend {
 public:
  explicit NamedBackend(std::string name) : name_(std::move(name)) {}
  Image run(const Image& rgb, std::span<const float>, const engine::Progress&) const override {
    return rgb;
  }
  std::string description() const override { return name_; }

 private:
  std::string name_;
};

BackendFactory factory_of(const std::string& name) {
  return [name](const StyleModel&, const BackendOptions& options) {
    return std::make_unique<NamedBackend>(name + " on " + options.device);
  };
}

std::string made_by(const std::string& name, const std::string& device = "auto") {
  return make_backend({}, {.device = device, .backend = name})->description();
}

}  // namespace

TEST_CASE("a backend is made by the factory of its name, with the options") {
  register_backend("first", factory_of("one"));
  register_backend("second", factory_of("two"));
  CHECK(made_by("first") == "one on auto");
  CHECK(made_by("second", "cuda:1") == "two on cuda:1");
  register_backend("first", factory_of("uno"));
  CHECK(made_by("first") == "uno on auto");
}

TEST_CASE("an unknown backend is a ConfigError that lists the known ones") {
  register_backend("first", factory_of("one"));
  CHECK_THROWS_AS(made_by("frist"), ConfigError);
  CHECK_THROWS_WITH(made_by("frist"),
                    ContainsSubstring("backend: expected auto or one of ") &&
                        ContainsSubstring("engine, ") &&
                        ContainsSubstring("found 'frist', did you mean 'first'?"));
}

TEST_CASE("backends may be registered and made from several threads") {
  std::vector<std::string> made(8);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < made.size(); ++t) {
    threads.emplace_back([&made, t] {
      const std::string name = "thread " + std::to_string(t);
      register_backend(name, factory_of(name));
      made[t] = made_by(name);
    });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t t = 0; t < made.size(); ++t) {
    CHECK(made[t] == "thread " + std::to_string(t) + " on auto");
  }
}

TEST_CASE("the engine is the backend on the CPU, with the options") {
  const StyleModel model = tiny_model();
  for (const std::string device : {"auto", "cpu"}) {
    for (const std::string backend : {"auto", "engine"}) {
      const auto made = make_backend(
          model,
          {.device = device, .precision = Precision::kBFloat16, .threads = 3, .backend = backend});
      CHECK_THAT(made->description(), Catch::Matchers::StartsWith("engine, cpu, "));
      CHECK_THAT(made->description(), Catch::Matchers::EndsWith(", bfloat16, 3 threads"));
    }
  }
  CHECK_THAT(make_backend(model, {.precision = Precision::kFloat32, .threads = 1})->description(),
             Catch::Matchers::EndsWith(", float32, 1 thread"));
}

TEST_CASE("the engine refuses what is for CUDA, and a device that there is not") {
  const StyleModel model = tiny_model();
  CHECK_THROWS_WITH(make_backend(model, {.precision = Precision::kFloat16}),
                    "precision: float16 is for CUDA devices, found cpu; use bfloat16 or float32");
  CHECK_THROWS_AS(make_backend(model, {.device = "cuda", .backend = "engine"}), ConfigError);
  CHECK_THROWS_WITH(make_backend(model, {.device = "tpu"}),
                    "device: expected auto or cpu, or cuda or cuda:N with the backend torch, "
                    "found 'tpu'");
  StyleModel broken = model;
  broken.tensors.erase("output.conv.bias");
  CHECK_THROWS_AS(make_backend(broken), FormatError);
}

#ifdef IMPASTO_WITHOUT_TORCH
TEST_CASE("without the torch half the libtorch backend is an IoError that says what to do") {
  const BackendOptions options =
      GENERATE(BackendOptions{.backend = "torch"}, BackendOptions{.device = "cuda:1"});
  CHECK_THROWS_AS(make_backend({}, options), IoError);
  CHECK_THROWS_WITH(make_backend({}, options),
                    ContainsSubstring("cannot load the libtorch backend: ") &&
                        ContainsSubstring("build Impasto with its torch half"));
}
#else
TEST_CASE("the torch half is loaded from beside libimpasto_core, by several threads at once") {
  // A model without tensors is refused by the backend itself: it was found.
  std::vector<std::string> messages(4);
  std::vector<std::thread> threads;
  for (auto& message : messages) {
    threads.emplace_back([&message] {
      try {
        make_backend({}, {.device = "cpu", .backend = "torch"});
      } catch (const FormatError&) {
        message = "the backend looked at the model";
      } catch (const std::exception& error) {
        message = error.what();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(messages == std::vector<std::string>(4, "the backend looked at the model"));
}

TEST_CASE("the engine and libtorch give the same picture, in every mix of styles") {
  const StyleModel model = tiny_model({"wave", "night"});
  const auto make = [&](const std::string& name) {
    return make_backend(
        model, {.device = "cpu", .precision = Precision::kFloat32, .threads = 1, .backend = name});
  };
  const auto engine = make("engine"), torch = make("torch");
  const Image photo = gradient(37, 22);
  for (const std::vector<float>& weights : {std::vector{1.F, 0.F}, {0.F, 1.F}, {0.25F, 0.75F}}) {
    const Image result = engine->run(photo, weights, {});
    CHECK(mean_difference(photo, result) > 5);
    CHECK(mean_difference(result, torch->run(photo, weights, {})) < 0.01);
  }
}

TEST_CASE("libtorch tells at the end that it is done, and takes no for an answer") {
  const StyleModel model = tiny_model();
  const auto torch = make_backend(model, {.device = "cpu", .threads = 1, .backend = "torch"});
  const std::vector<float> weights = {1};
  std::vector<double> told;
  const auto report = [&told](double done) {
    told.push_back(done);
    return told.size() < 2;
  };
  CHECK_FALSE(torch->run(gradient(16, 16), weights, report).empty());
  CHECK(torch->run(gradient(16, 16), weights, report).empty());
  CHECK(told == std::vector<double>{1, 1});
}
#endif
