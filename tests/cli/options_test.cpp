#include "cli/options.h"

#include <string>
#include <vector>

#include "cli/guard.h"
#include "support/catch.h"

using namespace impasto;

namespace {

cxxopts::ParseResult parse(std::vector<std::string> arguments) {
  cxxopts::Options options("paint");
  options.add_options()("model", "", cxxopts::value<std::string>())(
      "set", "", cxxopts::value<std::vector<std::string>>())("compare", "");
  std::vector<char*> argv = {const_cast<char*>("paint")};
  for (auto& argument : arguments) argv.push_back(argument.data());
  return cli::parse(options, static_cast<int>(argv.size()), argv.data());
}

std::string usage_error(const std::vector<std::string>& arguments) {
  try {
    parse(arguments);
  } catch (const cli::UsageError& error) {
    return error.what();
  }
  return "no UsageError";
}

}  // namespace

TEST_CASE("list values keep their commas, blanks and order") {
  const auto result = parse({"--set", "style=a=0.7,b=0.3", "--set=x=1, 2", "--set", "y="});
  CHECK(cli::values_of(result, "set") ==
        std::vector<std::string>{"style=a=0.7,b=0.3", "x=1, 2", "y="});
  CHECK(cli::values_of(parse({}), "set").empty());
}

TEST_CASE("a text value keeps commas, blanks and quotes") {
  CHECK(cli::required_value(parse({"--model", "a, \"b\" 'c'.x"}), "model") == "a, \"b\" 'c'.x");
}

TEST_CASE("what is wrong with a command line is named") {
  CHECK(usage_error({"--modle", "x"}) == "unknown option '--modle', did you mean '--model'?");
  CHECK(usage_error({"--colour=red"}) == "unknown option '--colour'");
  CHECK(usage_error({"-m"}) == "unknown option '-m'");
  CHECK(usage_error({"photo.jpg"}) ==
        "unexpected argument 'photo.jpg': every value follows an option");
  CHECK(usage_error({"--compare", "yes", "--model", "x"}) ==
        "unexpected argument 'yes': every value follows an option");
  CHECK(usage_error({"--", "x"}) == "unexpected argument 'x': every value follows an option");
  CHECK(usage_error({"--model"}) == "option 'model' is missing an argument");
}

TEST_CASE("a required option that is absent is named") {
  CHECK_THROWS_WITH(cli::required_value(parse({}), "model"), "option '--model' is required");
}
