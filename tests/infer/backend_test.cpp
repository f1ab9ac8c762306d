#include "impasto/infer/backend.h"

#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/infer/plugin.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace impasto;

namespace {

class NamedBackend : public Backend {
 public:
  explicit NamedBackend(std::string name) : name_(std::move(name)) {}
  Image run(const Image& rgb, std::span<const float>) const override { return rgb; }
  std::string description() const override { return name_; }

 private:
  std::string name_;
};

BackendFactory factory_of(const std::string& name) {
  return [name](const StyleModel&, const BackendOptions& options) {
    return std::make_unique<NamedBackend>(name + " on " + options.device);
  };
}

}  // namespace

TEST_CASE("a backend is made by the factory of its name, with the options") {
  register_backend("first", factory_of("one"));
  register_backend("second", factory_of("two"));
  CHECK(make_backend("first", {}, {})->description() == "one on auto");
  CHECK(make_backend("second", {}, {.device = "cuda:1"})->description() == "two on cuda:1");
  register_backend("first", factory_of("uno"));
  CHECK(make_backend("first", {}, {})->description() == "uno on auto");
}

TEST_CASE("an unknown backend is a ConfigError that lists the known ones") {
  register_backend("first", factory_of("one"));
  CHECK_THROWS_AS(make_backend("frist", {}, {}), ConfigError);
  CHECK_THROWS_WITH(make_backend("frist", {}, {}),
                    ContainsSubstring("found 'frist', did you mean 'first'?"));
}

TEST_CASE("backends may be registered and made from several threads") {
  std::vector<std::string> made(8);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < made.size(); ++t) {
    threads.emplace_back([&made, t] {
      const std::string name = "thread " + std::to_string(t);
      register_backend(name, factory_of(name));
      made[t] = make_backend(name, {}, {})->description();
    });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t t = 0; t < made.size(); ++t) {
    CHECK(made[t] == "thread " + std::to_string(t) + " on auto");
  }
}

TEST_CASE("a plugin that is missing or no library is an IoError with the system's reason") {
  const TemporaryFolder folder;
  const auto absent = folder / "libabsent.so.0";
  CHECK_THROWS_AS(load_plugin(absent), IoError);
  CHECK_THROWS_WITH(load_plugin(absent), ContainsSubstring(absent.string()));
  std::ofstream(folder / "libtext.so.0") << "no library";
  CHECK_THROWS_WITH(load_plugin(folder / "libtext.so.0"), ContainsSubstring("libtext.so.0"));
}

TEST_CASE("a plugin is looked for beside libimpasto, then by the system") {
  const auto library = beside_this_library("libimpasto.so.0");
  CHECK(library.is_absolute());
  CHECK(std::filesystem::exists(library));
  CHECK(beside_this_library("libabsent.so.0") == "libabsent.so.0");
}

#ifdef IMPASTO_WITHOUT_TORCH
TEST_CASE("without the torch half the libtorch backend is an IoError that says what to do") {
  CHECK_THROWS_AS(make_torch_backend({}, {}), IoError);
  CHECK_THROWS_WITH(make_torch_backend({}, {}),
                    ContainsSubstring("cannot load the libtorch backend: ") &&
                        ContainsSubstring("build Impasto with its torch half"));
}
#else
TEST_CASE("the torch half is loaded from beside libimpasto, by several threads at once") {
  // A model without tensors is refused by the backend itself: it was found.
  std::vector<std::string> messages(4);
  std::vector<std::thread> threads;
  for (auto& message : messages) {
    threads.emplace_back([&message] {
      try {
        make_torch_backend({}, {});
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
#endif
