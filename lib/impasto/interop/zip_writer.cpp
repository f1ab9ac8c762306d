#include "impasto/interop/zip_writer.h"

#include <zip.h>

#include <memory>
#include <new>

#include "impasto/base/error.h"

namespace impasto {
namespace {

struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
struct Discard {
  void operator()(zip_t* zip) const { zip_discard(zip); }
};

void add(zip_t* zip, const std::string& name, const std::string& content) {
  zip_source_t* source = zip_source_buffer(zip, content.data(), content.size(), 0);
  if (source == nullptr) throw std::bad_alloc();
  const zip_int64_t index = zip_file_add(zip, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    throw Error("zip archive: entry '" + name + "': " + zip_strerror(zip));
  }
  const auto entry = static_cast<zip_uint64_t>(index);
  constexpr zip_uint16_t kFirstOfJanuary1980 = 1 << 5 | 1;
  if (zip_set_file_compression(zip, entry, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(zip, entry, 0, kFirstOfJanuary1980, 0) != 0) {
    throw Error("zip archive: entry '" + name + "': " + zip_strerror(zip));
  }
}

}  // namespace

std::vector<std::byte> zip_stored(const std::map<std::string, std::string>& entries) {
  const std::unique_ptr<zip_source_t, FreeSource> buffer(
      zip_source_buffer_create(nullptr, 0, 0, nullptr));
  if (buffer == nullptr) throw std::bad_alloc();
  std::unique_ptr<zip_t, Discard> zip(zip_open_from_source(buffer.get(), ZIP_TRUNCATE, nullptr));
  if (zip == nullptr) throw std::bad_alloc();
  zip_source_keep(buffer.get());  // The archive has one share of it, and gives it back.
  for (const auto& [name, content] : entries) add(zip.get(), name, content);
  if (zip_close(zip.get()) != 0) {
    throw Error(std::string("zip archive: ") + zip_strerror(zip.get()));
  }
  static_cast<void>(zip.release());  // It was freed when it was closed.

  zip_stat_t stat;
  if (zip_source_stat(buffer.get(), &stat) != 0 || zip_source_open(buffer.get()) != 0) {
    throw std::bad_alloc();
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(stat.size));
  const zip_int64_t read = zip_source_read(buffer.get(), bytes.data(), bytes.size());
  zip_source_close(buffer.get());
  if (read != static_cast<zip_int64_t>(bytes.size())) throw std::bad_alloc();
  return bytes;
}

}  // namespace impasto
