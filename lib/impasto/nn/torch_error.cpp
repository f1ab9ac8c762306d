#include "impasto/nn/torch_error.h"

#include <c10/util/Exception.h>

#include <new>
#include <string_view>

namespace impasto {

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  // The CPU's allocator throws a plain c10::Error.
  const auto* torch = dynamic_cast<const c10::Error*>(&error);
  if (torch == nullptr) return false;
  const std::string_view message = torch->what_without_backtrace();
  return message.find("can't allocate memory") != message.npos ||
         message.find("not enough memory") != message.npos;
}

}  // namespace impasto
