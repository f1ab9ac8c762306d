#include "impasto/interop/zip_archive.h"

#include <zip.h>

#include <array>
#include <cstring>

#include "impasto/base/error.h"

namespace impasto {

struct ZipArchive::Handle {
  zip_t* zip = nullptr;
  ~Handle() {
    if (zip != nullptr) zip_discard(zip);
  }
};

namespace {

std::string text_of(zip_error_t error) {
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

}  // namespace

bool ZipArchive::begins(std::span<const std::byte> bytes) {
  constexpr std::array<char, 4> kLocalHeader = {'P', 'K', 3, 4};
  return bytes.size() >= kLocalHeader.size() &&
         std::memcmp(bytes.data(), kLocalHeader.data(), kLocalHeader.size()) == 0;
}

ZipArchive::ZipArchive(std::span<const std::byte> bytes, const std::string& where)
    : where_(where), handle_(std::make_unique<Handle>()) {
  const auto fail = [&](const std::string& what) { throw FormatError(where_ + ": " + what); };
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) throw std::bad_alloc();
  handle_->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (handle_->zip == nullptr) {
    zip_source_free(source);
    fail("the zip archive is damaged: " + text_of(error));
  }
  std::uint64_t total = 0;
  const zip_int64_t count = zip_get_num_entries(handle_->zip, 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t entry;
    constexpr auto kNeeded =
        ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(handle_->zip, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW, &entry) != 0 ||
        (entry.valid & kNeeded) != kNeeded) {
      fail("the zip archive is damaged: entry " + std::to_string(i) + " cannot be read");
    }
    const std::string name = entry.name;
    if (entry.comp_method != ZIP_CM_STORE || entry.encryption_method != ZIP_EM_NONE) {
      fail("entry '" + name +
           "' is compressed or encrypted, which torch.save never does; save the model again with "
           "torch.save");
    }
    if (entry.size > bytes.size() - total) {
      fail("the zip archive's entries overlap: they claim more bytes than the file's " +
           std::to_string(bytes.size()));
    }
    total += entry.size;
    if (!sizes_.emplace(name, entry.size).second) fail("entry '" + name + "' stands twice");
    if (i == 0) folder_ = name.substr(0, name.find('/') + 1);
    if (!name.starts_with(folder_)) {
      fail("expected every entry in the folder '" + folder_ + "', found '" + name + "'");
    }
  }
}

ZipArchive::~ZipArchive() = default;

std::vector<std::byte> ZipArchive::read(const std::string& name) const {
  const std::string path = folder_ + name;
  const auto found = sizes_.find(path);
  if (found == sizes_.end()) throw FormatError(where_ + ": expected the entry '" + path + "'");
  zip_file_t* file = zip_fopen(handle_->zip, path.c_str(), ZIP_FL_ENC_RAW);
  if (file == nullptr) throw FormatError(where_ + ": entry '" + path + "' is damaged");
  std::vector<std::byte> bytes(static_cast<std::size_t>(found->second));
  // One byte more than it has: the checksum is compared at the end.
  std::byte beyond{};
  const bool whole =
      zip_fread(file, bytes.data(), bytes.size()) == static_cast<zip_int64_t>(bytes.size()) &&
      zip_fread(file, &beyond, 1) == 0;
  if (zip_fclose(file) != 0 || !whole) {
    throw FormatError(where_ + ": entry '" + path + "' is damaged");
  }
  return bytes;
}

}  // namespace impasto
