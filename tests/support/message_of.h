#pragma once

#include <string>

/// What the `Expected` exception that `call` throws has to say; other exceptions pass through and
/// fail the test.
template <class Expected, class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const Expected& error) {
    return error.what();
  }
  return "nothing was thrown";
}
