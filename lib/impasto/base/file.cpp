#include "impasto/base/file.h"

#include <cerrno>
#include <cstdint>
#include <fstream>
#include <system_error>

#include "impasto/base/error.h"

namespace impasto {

namespace {

template <class Container>
Container read_whole(const std::filesystem::path& path) {
  const auto fail = [&path](int code) {
    return IoError(path.string() + ": cannot read: " + std::generic_category().message(code));
  };
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw fail(errno != 0 ? errno : EIO);

  // One byte more than the size, to meet the end at the first read; a pipe has no size and grows in
  // steps.
  constexpr std::uintmax_t kStep = std::uintmax_t{1} << 20;
  std::error_code no_size;
  const std::uintmax_t size = std::filesystem::file_size(path, no_size);
  std::uintmax_t step = no_size ? kStep : size + 1;
  Container content;
  std::size_t used = 0;
  while (stream) {
    content.resize(used + static_cast<std::size_t>(step));
    stream.read(reinterpret_cast<char*>(content.data()) + used,
                static_cast<std::streamsize>(content.size() - used));
    used += static_cast<std::size_t>(stream.gcount());
    step = kStep;
  }
  if (stream.bad()) throw fail(errno != 0 ? errno : EIO);
  content.resize(used);
  return content;
}

}  // namespace

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  return read_whole<std::vector<std::byte>>(path);
}

std::string read_text_file(const std::filesystem::path& path) {
  return read_whole<std::string>(path);
}

void remove_file(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  if (error) throw IoError(path.string() + ": cannot be removed: " + error.message());
}

}  // namespace impasto
