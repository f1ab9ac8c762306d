#pragma once

#include <functional>
#include <string_view>

#include "cli/console.h"

namespace impasto::cli {

/// What a program's `main` does: runs `body` as run_main does, with a console on stderr, where the
/// library's messages go too, and with memory that is kept between networks' layers.
int run_program(std::string_view program, const std::function<int(Console&)>& body);

}  // namespace impasto::cli
