// What `stylize` says and returns before any network runs.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "impasto/base/file.h"
#include "impasto/image/image_io.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

ProgramResult stylize(const std::vector<std::string>& arguments, const fs::path& folder = {}) {
  return run_program(IMPASTO_STYLIZE, arguments, folder);
}

// A folder with a photo and a model in it, which is the working directory of each run.
class Studio {
 public:
  Studio() {
    write_image(folder_ / "photo.png", gradient(40, 30));
    tiny_model({"wave", "starry night"}).save(folder_ / "model.safetensors");
  }

  fs::path operator/(const std::string& name) const { return folder_ / name; }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  ProgramResult run(const std::vector<std::string>& arguments) const {
    return stylize(arguments, folder_.path());
  }

  // The usual command line with `changes` to it: "name", "value" pairs that replace or add.
  ProgramResult run_with(const std::vector<std::string>& changes) const {
    std::vector<std::string> arguments = {
        "--model", "model.safetensors", "--input", "photo.png", "--output", "out.png"};
    for (std::size_t i = 0; i + 1 < changes.size(); i += 2) {
      const auto found = std::find(arguments.begin(), arguments.end(), changes[i]);
      if (found != arguments.end()) {
        *(found + 1) = changes[i + 1];
      } else {
        arguments.insert(arguments.end(), {changes[i], changes[i + 1]});
      }
    }
    return run(arguments);
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      names.push_back(entry.path().lexically_relative(folder_.path()).string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  TemporaryFolder folder_;
};

const std::vector<std::string> kUntouched = {"model.safetensors", "photo.png"};

// Checks that a run failed with one line and wrote nothing.
void check_failure(const ProgramResult& result, int code, const std::string& message) {
  CHECK(result.exit_code == code);
  CHECK(result.out == "");
  CHECK_THAT(result.err, ContainsSubstring(message));
  CHECK(result.err.starts_with("stylize: "));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
}

}  // namespace

TEST_CASE("stylize --help is enough to work from") {
  const ProgramResult result = stylize({"--help"});
  CHECK(result.exit_code == 0);
  CHECK(result.err == "");
  for (const char* part : {"stylize --model FILE --output PATH [options] PATH...",
                           "-i, --input PATH",
                           "--style NAME",
                           "--max-side N",
                           "--set KEY=VALUE",
                           "Examples:\n  stylize --model",
                           "Exit codes:\n  0  done",
                           "Config keys:\n",
                           "png_compression"}) {
    CHECK_THAT(result.out, ContainsSubstring(part));
  }
}

TEST_CASE("stylize --version names the program and a number") {
  const ProgramResult result = stylize({"--version"});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Matchers::StartsWith("stylize (impasto) 0."));
}

TEST_CASE("stylize --print-schema prints a JSON Schema") {
  const ProgramResult result = stylize({"--print-schema"});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, ContainsSubstring("\"$schema\"") && ContainsSubstring("\"max_side\""));
}

TEST_CASE("a wrong command line exits with 2 and names the option") {
  check_failure(stylize({"--modle", "x"}),
                2,
                "unknown option '--modle', did you mean '--model'? (see 'stylize --help')");
  check_failure(stylize({"--model"}), 2, "option 'model' is missing an argument");
  check_failure(stylize({"photo.jpg"}), 2, "option '--output' is required");
  check_failure(stylize({}), 2, "option '--input' is required");
  check_failure(stylize({"--input", "a.png"}), 2, "option '--output' is required");
  check_failure(
      stylize({"--input", "a.png", "--output", "b.png"}), 2, "option '--model' is required");
}

TEST_CASE("a value out of range exits with 2 and names the key") {
  const Studio studio;
  check_failure(studio.run_with({"--threads", "-1"}), 2, "threads: expected an integer");
  check_failure(studio.run_with({"--max-side", "1.5"}), 2, "max_side: expected an integer");
  check_failure(studio.run_with({"--png-compression", "10"}), 2, "png_compression");
  check_failure(studio.run_with({"--precision", "float23"}), 2, "did you mean 'float32'?");
  check_failure(studio.run_with({"--device", "gpu"}), 2, "device");
  check_failure(studio.run_with({"--set", "max_sied=3"}), 2, "did you mean 'max_side'?");
  check_failure(studio.run_with({"--set", "compare=1"}), 2, "compare");
  check_failure(studio.run_with({"--output", "out.jpg", "--quality", "0"}), 2, "jpeg_quality");
  check_failure(studio.run_with({"--quality", "90"}), 2, "'--quality' is for JPEG and WebP output");
  check_failure(studio.run_with({"--style", "nigth"}), 2, "expected one of wave, starry night");
  CHECK(studio.files() == kUntouched);
}

TEST_CASE("paths that make no sense exit with 2") {
  const Studio studio;
  check_failure(studio.run_with({"--output", "out.gif"}), 2, "found '.gif'");
  check_failure(studio.run_with({"--output", "out"}), 2, "found no extension");
  check_failure(studio.run_with({"--input", "."}), 2, "out.png: expected a folder");
  check_failure(studio.run_with({"--output", "."}), 2, "the output would overwrite the input");
  check_failure(
      studio.run_with({"--output", "./photo.png"}), 2, "the output would overwrite the input");
  fs::create_symlink("photo.png", studio / "link.png");
  check_failure(studio.run_with({"--output", "link.png"}), 2, "would overwrite the input");
  fs::remove(studio / "link.png");
  CHECK(studio.files() == kUntouched);
}

TEST_CASE("missing and damaged files exit with 1 and are named") {
  const Studio studio;
  check_failure(studio.run_with({"--input", "absent.jpg"}), 1, "absent.jpg");
  check_failure(
      studio.run_with({"--input", "absent", "--output", "folder"}), 1, "absent: cannot read");
  check_failure(studio.run_with({"--model", "absent.safetensors"}), 1, "absent.safetensors");
  check_failure(studio.run_with({"--config", "absent.json"}), 1, "absent.json");
  check_failure(studio.run_with({"--model", "photo.png"}), 1, "photo.png");

  studio.write("text.jpg", "hello");
  check_failure(studio.run_with({"--input", "text.jpg"}),
                1,
                "text.jpg: expected a JPEG, PNG, WebP, TIFF, PPM or BMP picture, found other data");
  fs::copy_file(golden_picture("noise.jpg"), studio / "cut.jpg");
  fs::resize_file(studio / "cut.jpg", 1000);
  check_failure(studio.run_with({"--input", "cut.jpg"}), 1, "cut.jpg: the JPEG file is cut short");

  fs::copy_file(studio / "model.safetensors", studio / "cut.safetensors");
  fs::resize_file(studio / "cut.safetensors", fs::file_size(studio / "model.safetensors") / 2);
  check_failure(studio.run_with({"--model", "cut.safetensors"}), 1, "cut.safetensors: ");
}

TEST_CASE("an output that cannot be written exits with 1") {
  const Studio studio;
  studio.write("file", "x");
  check_failure(studio.run_with({"--output", "file/out.png"}), 1, "file");
  check_failure(studio.run_with({"--output", "/proc/out.png"}), 1, "/proc");
}

TEST_CASE("a failing run leaves an existing output as it was") {
  const Studio studio;
  studio.write("out.png", "precious");
  studio.run_with({"--input", "absent.jpg"});
  studio.run_with({"--model", "photo.png"});
  studio.run_with({"--style", "none"});
  CHECK(read_text_file(studio / "out.png") == "precious");
}

TEST_CASE("options override --set, which overrides the file, which overrides the defaults") {
  const Studio studio;
  studio.write("c.json", R"({"max_side": 100, "threads": 3, "webp_quality": 50, "compare": true})");
  const ProgramResult result = studio.run({"--config",
                                           "c.json",
                                           "--set",
                                           "max_side=200",
                                           "--set",
                                           "threads=2",
                                           "--threads",
                                           "1",
                                           "--print-config"});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, ContainsSubstring("\"max_side\": 200"));
  CHECK_THAT(result.out, ContainsSubstring("\"threads\": 1"));
  CHECK_THAT(result.out, ContainsSubstring("\"webp_quality\": 50"));
  CHECK_THAT(result.out, ContainsSubstring("\"compare\": true"));
  CHECK_THAT(result.out, ContainsSubstring("\"jpeg_quality\": 95"));
}

TEST_CASE("--quality means the format of the output") {
  const auto config = [](const std::string& output, const std::string& quality) {
    return stylize({"--output", output, "--quality", quality, "--print-config"}).out;
  };
  CHECK_THAT(
      config("a.JPG", "33"),
      ContainsSubstring("\"jpeg_quality\": 33") && ContainsSubstring("\"webp_quality\": 90"));
  CHECK_THAT(
      config("a.webp", "101"),
      ContainsSubstring("\"jpeg_quality\": 95") && ContainsSubstring("\"webp_quality\": 101"));
}

TEST_CASE("values keep commas, equal signs and quotes") {
  const std::string blend = "a=0.7,b=0.3";
  CHECK_THAT(stylize({"--set", "style=" + blend, "--print-config"}).out,
             ContainsSubstring("\"style\": \"a=0.7,b=0.3\""));
  CHECK_THAT(stylize({"--style", blend, "--print-config"}).out,
             ContainsSubstring("\"style\": \"a=0.7,b=0.3\""));
  CHECK_THAT(stylize({"--style", "\"quoted", "--print-config"}).out,
             ContainsSubstring("\"style\": \"\\\"quoted\""));
  CHECK_THAT(stylize({"--model", "/m/a, b.safetensors", "--print-config"}).out,
             ContainsSubstring("\"model\": \"/m/a, b.safetensors\""));
}

TEST_CASE("a config's relative path starts from the config's folder, an option's from here") {
  const Studio studio;
  fs::create_directory(studio / "configs");
  studio.write("configs/c.json", R"({"model": "m.safetensors"})");
  CHECK_THAT(studio.run({"--config", "configs/c.json", "--print-config"}).out,
             ContainsSubstring((studio / "configs/m.safetensors").string()));
  CHECK_THAT(studio.run({"--config", "configs/c.json", "--model", "m.x", "--print-config"}).out,
             ContainsSubstring((studio / "m.x").string()));
}

TEST_CASE("a wrong config file exits with 2 and names the place") {
  const Studio studio;
  studio.write("c.json", R"({"max_sied": 3})");
  check_failure(studio.run_with({"--config", "c.json"}), 2, "c.json");
  studio.write("c.json", R"({"max_side": 2.5})");
  check_failure(studio.run_with({"--config", "c.json"}), 2, "max_side: expected an integer");
}
