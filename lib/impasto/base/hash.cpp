#include "impasto/base/hash.h"

namespace impasto {

Hash& Hash::add(std::span<const std::byte> bytes) {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  for (const std::byte byte : bytes) value_ = (value_ ^ static_cast<std::uint64_t>(byte)) * kPrime;
  return *this;
}

Hash& Hash::add(std::string_view text) {
  return add(std::uint64_t{text.size()}).add(std::as_bytes(std::span(text)));
}

Hash& Hash::add(std::uint64_t number) {
  std::byte bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<std::byte>(number >> (8 * i));
  return add(std::span<const std::byte>(bytes));
}

std::string Hash::text() const {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string digits(16, '0');
  for (std::size_t i = 0; i < 16; ++i) digits[i] = kDigits[(value_ >> (60 - 4 * i)) & 15];
  return digits;
}

}  // namespace impasto
