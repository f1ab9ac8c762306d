#pragma once

// Private: not installed. What reading and writing TIFF by libtiff have in common.

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "impasto/base/error.h"

namespace impasto::tiff {

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using OpenTiff = std::unique_ptr<TIFF, CloseTiff>;

/// libtiff's options for one file: what goes wrong is remembered, not printed.
class Messages {
 public:
  Messages() : options_(TIFFOpenOptionsAlloc()) {
    TIFFOpenOptionsSetErrorHandlerExtR(options_, remember, this);
    TIFFOpenOptionsSetWarningHandlerExtR(
        options_, [](TIFF*, void*, const char*, const char*, va_list) { return 1; }, nullptr);
  }
  ~Messages() { TIFFOpenOptionsFree(options_); }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  TIFFOpenOptions* options() const { return options_; }

  FormatError damaged(const std::string& name) const {
    const std::string reason = first_[0] == '\0' ? "" : std::string(": ") + first_;
    return FormatError(name + ": damaged or unsupported TIFF file" + reason);
  }

 private:
  static int remember(TIFF*, void* self, const char*, const char* format, va_list values) {
    char* const text = static_cast<Messages*>(self)->first_;
    if (text[0] == '\0') std::vsnprintf(text, sizeof first_, format, values);
    return 1;
  }

  TIFFOpenOptions* const options_;
  char first_[200] = "";
};

/// A file in memory, with the functions of AtomicFile that libtiff needs.
class MemoryFile {
 public:
  MemoryFile() = default;
  explicit MemoryFile(std::span<const std::byte> bytes) : bytes_(bytes.begin(), bytes.end()) {}

  std::uint64_t size() const { return bytes_.size(); }
  std::uint64_t position() const { return position_; }
  void seek(std::uint64_t offset) { position_ = offset; }

  std::size_t read(std::span<std::byte> to) {
    if (position_ >= size()) return 0;
    const std::size_t count = std::min(to.size(), static_cast<std::size_t>(size() - position_));
    std::copy_n(bytes_.data() + position_, count, to.data());
    position_ += count;
    return count;
  }

  void write(std::span<const std::byte> from) {
    if (position_ + from.size() > size()) bytes_.resize(position_ + from.size());
    std::ranges::copy(from, bytes_.data() + position_);
    position_ += from.size();
  }

  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t position_ = 0;
};

/// A file with those functions as libtiff's, through which no exception may pass.
template <class File>
struct Client {
  File* file;
  std::exception_ptr failure = {};

  template <class Work>
  static tmsize_t guard(thandle_t self, const Work& work) {
    try {
      return static_cast<tmsize_t>(work(*static_cast<Client*>(self)->file));
    } catch (...) {
      static_cast<Client*>(self)->failure = std::current_exception();
      return -1;
    }
  }

  OpenTiff open(const char* mode, const Messages& messages) {
    return OpenTiff(TIFFClientOpenExt(
        "",
        mode,
        this,
        [](thandle_t self, void* to, tmsize_t size) {
          return guard(self, [&](File& f) {
            return f.read({static_cast<std::byte*>(to), static_cast<std::size_t>(size)});
          });
        },
        [](thandle_t self, void* from, tmsize_t size) {
          return guard(self, [&](File& f) {
            f.write({static_cast<const std::byte*>(from), static_cast<std::size_t>(size)});
            return size;
          });
        },
        [](thandle_t self, toff_t offset, int whence) -> toff_t {
          return static_cast<toff_t>(guard(self, [&](File& f) {
            const std::uint64_t base = whence == SEEK_CUR   ? f.position()
                                       : whence == SEEK_END ? f.size()
                                                            : 0;
            f.seek(base + offset);
            return f.position();
          }));
        },
        [](thandle_t) { return 0; },
        [](thandle_t self) -> toff_t { return static_cast<Client*>(self)->file->size(); },
        [](thandle_t, void**, toff_t*) { return 0; },
        [](thandle_t, void*, toff_t) {},
        messages.options()));
  }
};

}  // namespace impasto::tiff
