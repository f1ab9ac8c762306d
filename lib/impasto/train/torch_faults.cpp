#include "impasto/train/torch_faults.h"

#include <c10/util/Exception.h>

#include <exception>

#include "impasto/base/error.h"
#include "impasto/nn/torch_error.h"

namespace impasto {

void rethrow_for_user(const std::string& out_of_memory) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    if (is_out_of_memory(error)) throw Error(out_of_memory);
    const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
    if (torch_error == nullptr) throw;
    throw Error(std::string("libtorch: ") + torch_error->what_without_backtrace());
  }
}

}  // namespace impasto
