// A target without libFuzzer, for every compiler: takes the inputs of the files that are named, and
// of those in folders, and each cut short or with one byte changed at some places.

#include <algorithm>
#include <filesystem>
#include <vector>

#include "fuzz/target.h"
#include "impasto/base/file.h"

namespace fs = std::filesystem;

namespace {

void replay(const fs::path& file) {
  std::vector<std::byte> bytes = impasto::read_file(file);
  fuzz_one(bytes);
  constexpr std::size_t kPlaces = 200;
  const std::size_t step =
      std::max<std::size_t>(1, std::min<std::size_t>(bytes.size(), 8192) / kPlaces);
  for (std::size_t at = 0; at < std::min<std::size_t>(bytes.size(), 8192); at += step) {
    fuzz_one(std::span(bytes).first(at));
    const std::byte kept = bytes[at];
    for (const unsigned changed : {0x00U, 0x22U, 0x7BU, 0xFFU}) {
      bytes[at] = std::byte{static_cast<unsigned char>(changed)};
      fuzz_one(bytes);
    }
    bytes[at] = kept;
  }
}

}  // namespace

int main(int count, char** names) {
  int files = 0;
  for (int i = 1; i < count; ++i) {
    if (!fs::is_directory(names[i])) {
      replay(names[i]);
      ++files;
      continue;
    }
    for (const auto& entry : fs::directory_iterator(names[i])) {
      replay(entry.path());
      ++files;
    }
  }
  require(files > 0, "expected files to take as inputs, found none");
  std::printf("%d files\n", files);
}
