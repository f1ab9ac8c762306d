#pragma once

// Private: not installed.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace impasto {

/// A zip file in memory whose entries are stored without compression, as torch.save writes it.
/// Reading it takes no more memory than the file has bytes.
class ZipArchive {
 public:
  /// Throws FormatError that starts with `where`: for no zip file, a damaged one, an entry that is
  /// compressed or encrypted, and for entries that overlap. `bytes` outlives the object.
  ZipArchive(std::span<const std::byte> bytes, const std::string& where);
  ~ZipArchive();
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  /// Whether `bytes` begin as a zip file does.
  static bool begins(std::span<const std::byte> bytes);

  /// The one folder that everything lies in, "archive/" as a rule. Throws FormatError.
  const std::string& folder() const { return folder_; }

  bool contains(const std::string& name) const { return sizes_.contains(folder_ + name); }

  /// The entry `name` below `folder`. Throws FormatError that names it when it is not there or its
  /// checksum is wrong.
  std::vector<std::byte> read(const std::string& name) const;

 private:
  struct Handle;
  std::string where_;
  std::string folder_;
  std::map<std::string, std::uint64_t> sizes_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace impasto
