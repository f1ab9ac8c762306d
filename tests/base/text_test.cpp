#include "impasto/base/text.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace impasto {
namespace {

const std::vector<std::string> kNames = {"base_channels", "residual_blocks", "norm", "upsample"};

TEST_CASE("A slip of the pen finds its name") {
  CHECK(nearest_name("norms", kNames) == "norm");        // a letter too many
  CHECK(nearest_name("nrom", kNames) == "norm");         // two letters swapped
  CHECK(nearest_name("upsampl", kNames) == "upsample");  // a letter missing
  CHECK(nearest_name("base-chanels", kNames) == "base_channels");
  CHECK(nearest_name("residual_block", kNames) == "residual_blocks");
}

TEST_CASE("A name that is far from all others finds none") {
  CHECK(nearest_name("colour", kNames).empty());
  CHECK(nearest_name("", kNames).empty());
  CHECK(nearest_name("xx", std::vector<std::string>{"a"}).empty());
  CHECK(nearest_name(std::string(100'000, 'n'), kNames).empty());
  CHECK(nearest_name("norm", {}).empty());
}

TEST_CASE("Of two near names the nearer one is offered") {
  const std::vector<std::string> names = {"relu1_2", "relu2_2"};
  CHECK(nearest_name("relu2_3", names) == "relu2_2");
  CHECK(did_you_mean("relu2_3", names) == ", did you mean 'relu2_2'?");
  CHECK(did_you_mean("conv", names).empty());
}

TEST_CASE("Parts are joined by the separator, equal ones too") {
  CHECK(join(std::vector<std::string>{"a", "a", "b"}) == "a, a, b");
  CHECK(join(std::vector<std::string>{"a", "b"}, "/") == "a/b");
  CHECK(join({}).empty());
}

TEST_CASE("Control characters do not reach a terminal") {
  CHECK(printable("a\x1b[2J\rb\n\x7f\xC3\x84") == "a?[2J?b\n?\xC3\x84");
  CHECK(printable(std::string("\0", 1)) == "?");
}

TEST_CASE("Lower case is for ASCII letters alone") {
  CHECK(lower_case(".JpEg@[`{9") == ".jpeg@[`{9");
  CHECK(lower_case("\xC3\x84") == "\xC3\x84");  // a letter in UTF-8
  CHECK(lower_case("").empty());
}

}  // namespace
}  // namespace impasto
