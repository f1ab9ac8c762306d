#include "impasto/infer/style_mix.h"

#include <string>
#include <vector>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/message_of.h"

using namespace impasto;

namespace {

const std::vector<std::string> kStyles = {"wave", "iris", "night=0.7,1", "a", "a,b"};

std::vector<float> mix(const std::string& text) { return parse_style_mix(text, kStyles); }

std::string error(const std::string& text) {
  return message_of<ConfigError>([&] { mix(text); });
}

}  // namespace

TEST_CASE("a style is the first by default, or one by its name") {
  CHECK(mix("") == std::vector<float>{1, 0, 0, 0, 0});
  CHECK(mix("iris") == std::vector<float>{0, 1, 0, 0, 0});
  CHECK(mix("night=0.7,1") == std::vector<float>{0, 0, 1, 0, 0});
}

TEST_CASE("a mix gives each style its share of the sum") {
  CHECK(mix("wave=0.75,iris=0.25") == std::vector<float>{0.75F, 0.25F, 0, 0, 0});
  CHECK(mix("iris=3,wave=1") == std::vector<float>{0.25F, 0.75F, 0, 0, 0});
  CHECK(mix("wave=1e0,iris=0") == std::vector<float>{1, 0, 0, 0, 0});
}

TEST_CASE("names in a mix may hold commas and equal signs") {
  CHECK(mix("night=0.7,1=1,wave=1") == std::vector<float>{0.5F, 0, 0.5F, 0, 0});
  CHECK(mix("a,b=1,a=3") == std::vector<float>{0, 0, 0, 0.75F, 0.25F});
}

TEST_CASE("a mix that makes no sense is refused in words") {
  CHECK(error("wvae") ==
        "style: expected one of wave, iris, night=0.7,1, a, a,b, or a mix such as "
        "'a=0.7,b=0.3', found 'wvae', did you mean 'wave'?");
  CHECK_THAT(error("wave=1,irsi=2"), ContainsSubstring("found 'irsi', did you mean 'iris'?"));
  CHECK_THAT(error("wave=1,iris"), ContainsSubstring("found 'iris'"));
  CHECK(error("wave=x") == "style: expected a share of at least 0 for 'wave', found 'x'");
  CHECK(error("wave=-1") == "style: expected a share of at least 0 for 'wave', found '-1'");
  CHECK(error("wave=inf") == "style: expected a share of at least 0 for 'wave', found 'inf'");
  CHECK(error("wave=1,wave=2") == "style: 'wave' comes twice in the mix");
  CHECK(error("wave=0,iris=0") == "style: expected a share above 0, found 'wave=0,iris=0'");
}
