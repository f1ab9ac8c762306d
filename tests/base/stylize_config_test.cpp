#include "impasto/base/stylize_config.h"

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

TEST_CASE("Without a file, stylizing starts from the defaults and the overrides") {
  CHECK(default_stylize_config() == StylizeConfig());
  const StylizeConfig config =
      default_stylize_config({"model=m.safetensors", "style=night", "max_side=640"});
  CHECK(config.model == fs::current_path() / "m.safetensors");
  CHECK(config.style == "night");
  CHECK(config.max_side == 640);
}

TEST_CASE("A stylizing config is read from its folder and overridden") {
  const TemporaryFolder folder;
  const auto file =
      write_test_file(folder / "stylize.json",
                      R"({"$schema":"s","model":"m.safetensors","compare":true,"threads":2})");
  const StylizeConfig config = load_stylize_config(file, {"threads=3"});
  CHECK(config.model == folder / "m.safetensors");
  CHECK(config.compare);
  CHECK(config.threads == 3);
}

TEST_CASE("The printed stylizing config reads back as the same") {
  const StylizeConfig config{.model = "/m.safetensors",
                             .style = "night",
                             .strength = 0.5,
                             .preserve_color = true,
                             .stroke_size = 2.5,
                             .masks = {{"", "/a.png"}, {"/n=1.safetensors", "/b.png"}},
                             .feather = 4,
                             .device = "cuda:0",
                             .precision = Precision::kFloat16,
                             .threads = 1,
                             .max_side = 100,
                             .compare = true,
                             .jpeg_quality = 1,
                             .webp_quality = 101,
                             .png_compression = 9};
  const TemporaryFolder folder;
  CHECK(load_stylize_config(write_test_file(folder / "s.json", to_json(config))) == config);
}

TEST_CASE("Masks are pairs of paths, from the config's folder") {
  const TemporaryFolder folder;
  const auto file = write_test_file(folder / "stylize.json",
                                    R"({"masks": ["sky.png", "wave.safetensors=sea.png"]})");
  CHECK(load_stylize_config(file).masks ==
        std::vector<std::pair<fs::path, fs::path>>{
            {"", folder / "sky.png"}, {folder / "wave.safetensors", folder / "sea.png"}});
  CHECK(load_stylize_config(file, {"masks=/m=/n"}).masks ==
        std::vector<std::pair<fs::path, fs::path>>{{"/m", "/n"}});
  CHECK(message_of<ConfigError>([] { default_stylize_config({"masks=a="}).validate(); }) ==
        "masks: expected a list of paths or path=path, found an empty entry at 0");
  CHECK_THAT(message_of<ConfigError>([] { default_stylize_config({"masks=[3]"}); }),
             ContainsSubstring("masks.0: expected text, found 3"));
}

TEST_CASE("Combinations of stylizing options that make no sense are refused") {
  const auto error = [](const std::vector<std::string>& overrides) {
    return message_of<ConfigError>([&] { default_stylize_config(overrides).validate(); });
  };
  CHECK(error({"seam_free=true", "stroke_size=2"}) ==
        "stroke_size: cannot be combined with seam_free: what is enlarged has seams");
  CHECK(error({"style_grid=true", "style=a"}) ==
        "style: cannot be combined with style_grid, which shows them all");
  CHECK(error({"style_grid=true", "seam_free=true"}) == "nothing was thrown");
}

TEST_CASE("A stylizing config is read strictly") {
  const auto error = [](const std::string& text) {
    return message_of<ConfigError>([&] { default_stylize_config({text}); });
  };
  CHECK(error("jpeg_quality=101") ==
        "--set jpeg_quality=101: jpeg_quality: expected an integer from 1 to 100, found 101");
  CHECK(error("webp_quality=0") ==
        "--set webp_quality=0: webp_quality: expected an integer from 1 to 101, found 0");
  CHECK(error("png_compresion=1") ==
        "--set png_compresion=1: unknown key 'png_compresion', did you mean 'png_compression'?");
  CHECK(
      error("precision=half") ==
      "--set precision=half: precision: expected one of 'auto', 'float32', 'bfloat16', 'float16', "
      "found 'half'");
  CHECK(message_of<ConfigError>([] { StylizeConfig{.device = "tpu"}.validate(); }) ==
        "device: expected 'auto', 'cpu', 'cuda' or 'cuda:N', found 'tpu'");
  CHECK(message_of<ConfigError>([] { StylizeConfig{.max_side = -1}.validate(); }) ==
        "max_side: expected an integer from 0 to 1000000, found -1");
}

TEST_CASE("A missing stylizing config is an IoError") {
  CHECK_THROWS_AS(load_stylize_config("no/such.json"), IoError);
}

}  // namespace
}  // namespace impasto
