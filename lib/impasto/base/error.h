#pragma once

#include <stdexcept>
#include <string>

/// All that Impasto offers to programs in C++. Those in C have impasto/engine/impasto.h.
namespace impasto {

/// Base of every exception that Impasto throws on purpose. `what()` is one sentence for a user: it
/// names the place, what was expected and what was found.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The caller asked for something that makes no sense: a wrong key, type, name, range or
/// combination. Programs exit with 2.
class ConfigError : public Error {
 public:
  using Error::Error;
};

/// The outside world failed: a missing file, a full disk, an absent device. Programs exit with 1.
class IoError : public Error {
 public:
  using Error::Error;
};

/// A file's content is not what its name promises. Programs exit with 1.
class FormatError : public Error {
 public:
  using Error::Error;
};

}  // namespace impasto
