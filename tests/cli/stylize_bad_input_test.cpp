// What `stylize` says to pictures, models, masks and disks that are not as they should be: one line
// that names the file, exit code 1, and no result.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "cli/stylize_studio.h"
#include "impasto/base/file.h"
#include "impasto/base/safetensors.h"
#include "support/catch.h"
#include "support/files.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

void check_refused(const StylizeStudio& studio,
                   const std::vector<std::string>& more,
                   const std::string& message) {
  CAPTURE(more);
  const ProgramResult result = studio.run("out.png", more);
  CHECK(result.exit_code == 1);
  CHECK(result.out == "");
  CHECK_THAT(result.err, ContainsSubstring(message));
  CHECK(result.err.starts_with("stylize: "));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK_FALSE(fs::exists(studio / "out.png"));
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The signature and header of a PNG file that claims a size, and some of its compressed data.
std::string png_claiming(std::uint32_t width, std::uint32_t height) {
  std::string text = text_of(encode_image(".png", gradient(64, 64)));
  for (int i = 0; i < 4; ++i) {
    text[16 + i] = static_cast<char>(width >> (24 - 8 * i));
    text[20 + i] = static_cast<char>(height >> (24 - 8 * i));
  }
  std::uint32_t crc = 0xFFFFFFFF;  // Of the chunk's type and content.
  for (int i = 12; i < 29; ++i) {
    crc ^= static_cast<unsigned char>(text[i]);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc % 2 != 0 ? 0xEDB88320 : 0);
  }
  for (int i = 0; i < 4; ++i) text[29 + i] = static_cast<char>(~crc >> (24 - 8 * i));
  return text;
}

// The length of a safetensors header, and the header.
std::string header_of(std::uint64_t length, const std::string& header) {
  std::string text;
  for (int i = 0; i < 8; ++i) text += static_cast<char>(length >> (8 * i));
  return text + header;
}

}  // namespace

TEST_CASE("pictures that are none are named with what was found instead") {
  const StylizeStudio studio;
  const std::string whole = text_of(read_file(golden_picture("noise.jpg")));
  const std::vector<std::pair<std::string, std::string>> files = {
      {"empty.jpg", ""},
      {"text.jpg", "Dear diary"},
      {"cut.jpg", whole.substr(0, whole.size() / 2)},
      {"head.jpg", whole.substr(0, 20)},
      {"cut.png", text_of(read_file(golden_picture("rgb.png"))).substr(0, 60)},
      {"bomb.png", png_claiming(2'000'000, 2'000'000)},
      {"lie.png", png_claiming(30'000, 30'000)},
  };
  for (const auto& [name, content] : files) write_test_file(studio / name, content);
  const auto refused = [&](const std::string& name, const std::string& message) {
    check_refused(studio, {"--input", name}, name + ": " + message);
  };
  refused("absent.jpg", "cannot read: No such file or directory");
  refused("empty.jpg", "expected a picture, found an empty file");
  refused("text.jpg", "expected a JPEG, PNG, WebP, TIFF, PPM or BMP picture, found other data");
  refused("cut.jpg", "the JPEG file is cut short");
  refused("head.jpg", "the JPEG file is cut short");
  refused("cut.png", "the PNG file is cut short");
  refused("bomb.png", "expected a picture of at most 2^30 pixels, found a size of 2000000x2000000");
  // Not above the limit, but more than so few bytes can hold: no memory is taken for it.
  refused("lie.png", "damaged PNG file: a picture of 30000x30000 does not fit in ");
}

TEST_CASE("models that are none are named with what was expected and found") {
  const StylizeStudio studio;
  const std::string whole = text_of(read_file(studio / "model.safetensors"));
  const auto refused = [&](const std::string& name, const std::string& message) {
    check_refused(studio, {"--model", name}, name + message);
  };
  write_test_file(studio / "empty.safetensors", "");
  refused("empty.safetensors", ": expected a safetensors file, found only 0 bytes");
  write_test_file(studio / "text.safetensors", "just some words, and no model");
  refused("text.safetensors", ": expected a safetensors header of at most 100000000 bytes, found ");
  write_test_file(studio / "cut.safetensors", whole.substr(0, whole.size() - 100));
  refused("cut.safetensors", ": tensor '");
  write_test_file(studio / "start.safetensors", whole.substr(0, 1000));
  refused("start.safetensors", ": the file is cut: expected a header of ");
  write_test_file(studio / "huge.safetensors", header_of(std::uint64_t{1} << 40, "{}"));
  refused("huge.safetensors",
          ": expected a safetensors header of at most 100000000 bytes, found 1099511627776");
  write_test_file(studio / "other.safetensors", header_of(2, "{}"));
  refused("other.safetensors", ": not an Impasto style model: expected metadata 'format'");

  TensorFile file = read_safetensors(studio / "model.safetensors");
  file.metadata["format"] = "impasto.style/2";
  write_safetensors(studio / "future.safetensors", file);
  refused("future.safetensors",
          ": this version of Impasto reads 'impasto.style/1', found 'impasto.style/2'");

  // Another architecture than the tensors are of.
  StyleModel model = tiny_model({"wave"});
  file = model.to_tensor_file();
  model.generator.base_channels = 8;
  file.metadata["generator"] = to_json(model.generator);
  write_safetensors(studio / "wide.safetensors", file);
  refused("wide.safetensors",
          ": tensor 'encoder.0.conv.weight': expected [8,3,9,9], found [4,3,9,9]");

  model = tiny_model({"wave"});
  HostTensor& tensor = model.tensors.at("output.conv.bias");
  std::vector<float> values = tensor.to_floats();
  values[1] = std::numeric_limits<float>::quiet_NaN();
  tensor = HostTensor::from_floats(tensor.shape, values);
  write_safetensors(studio / "nan.safetensors", model.to_tensor_file());
  refused("nan.safetensors",
          ": tensor 'output.conv.bias': expected finite numbers, found infinity or NaN");
}

TEST_CASE("masks that are none are named as pictures are") {
  const StylizeStudio studio;
  write_test_file(studio / "text.png", "no mask");
  check_refused(studio, {"--mask", "text.png"}, "text.png: expected a JPEG, PNG, ");
  check_refused(
      studio, {"--mask", "absent.png"}, "absent.png: cannot read: No such file or directory");
  write_image(studio / "wide.png", Image(38, 23));
  check_refused(studio,
                {"--mask", "wide.png"},
                "wide.png: expected a mask of the picture's size, 37x23, found 38x23");
}

// The sanitizers' libraries must be the first to be loaded.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

ProgramResult run_with_fault(const StylizeStudio& studio,
                             const std::string& fault,
                             const std::string& in,
                             const std::vector<std::string>& more) {
  std::vector<std::string> words = {"LD_PRELOAD=" IMPASTO_FILE_FAULTS,
                                    "IMPASTO_FILE_FAULT=" + fault,
                                    "IMPASTO_FILE_FAULT_IN=" + in,
                                    IMPASTO_STYLIZE,
                                    "--model",
                                    "model.safetensors"};
  words.insert(words.end(), more.begin(), more.end());
  return run_program("/usr/bin/env", words, studio / "");
}

}  // namespace

TEST_CASE("a full disk is told, and leaves neither half a picture nor a temporary file") {
  const StylizeStudio studio;
  for (const std::string name : {"out.png", "out.jpg", "out.webp"}) {
    CAPTURE(name);
    const ProgramResult result = run_with_fault(
        studio, "write:1:full", "results", {"--input", "photo.png", "--output", "results/" + name});
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err,
               ContainsSubstring("results/" + name + ": ") &&
                   ContainsSubstring("No space left on device"));
    CHECK(studio.files("results").empty());
  }
}

TEST_CASE("a disk that is read-only is told before anything is computed") {
  const StylizeStudio studio;
  fs::create_directory(studio / "results");
  const ProgramResult result =
      run_with_fault(studio,
                     "create:1:readonly",
                     "results",
                     {"--input", "photo.png", "--output", "results/a.png"});
  CHECK(result.exit_code == 1);
  CHECK(result.out == "");
  CHECK_THAT(result.err,
             ContainsSubstring("results") && ContainsSubstring("Read-only file system"));
}

TEST_CASE("a folder that cannot be read is told at the end and does not stop the others") {
  const StylizeStudio studio;
  fs::create_directories(studio / "photos/locked");
  fs::copy_file(studio / "photo.png", studio / "photos/a.png");
  fs::copy_file(studio / "photo.png", studio / "photos/locked/b.png");
  const ProgramResult result =
      run_with_fault(studio, "opendir:1:denied", "locked", {"photos", "--output", "results"});
  CHECK(result.exit_code == 1);
  CHECK(studio.files("results") == std::vector<std::string>{"a.png"});
  CHECK_THAT(
      result.err,
      ContainsSubstring("stylize: photos/locked: cannot read the folder: Permission denied\n"));
}

#endif
