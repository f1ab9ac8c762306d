#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace impasto {

/// A 64-bit fingerprint that tells whether something has changed; not one that an attacker could
/// not forge. FNV-1a (Fowler, Noll, Vo 1991), which gives the same number on every machine.
class Hash {
 public:
  /// The bytes alone: where lengths may differ, add those too.
  Hash& add(std::span<const std::byte> bytes);

  /// With its length, so that "ab", "c" and "a", "bc" differ.
  Hash& add(std::string_view text);

  /// As 8 bytes, the lowest first on every machine.
  Hash& add(std::uint64_t number);

  /// The fingerprint of all that was added so far.
  std::uint64_t value() const { return value_; }

  /// 16 hexadecimal digits.
  std::string text() const;

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace impasto
