#include "impasto/style/flops.h"

#include "support/catch.h"

namespace impasto {
namespace {

// Worked out layer by layer for 32 channels, 5 blocks and 256x256, in multiply-adds:
//   encoder     256^2 (3*32*81) + 128^2 (32*64*9) + 64^2 (64*128*9) = 1113587712
//   residual    10 * 64^2 (128*128*9)                               = 6039797760
//   decoder     128^2 (128*64*9) + 256^2 (64*32*9)                  = 2415919104
//   output      256^2 (32*3*81)                                     =  509607936
TEST_CASE("The default generator takes 20.16 GFLOP at 256x256") {
  CHECK(generator_flops({}, 256, 256) ==
        2.0 * (1113587712.0 + 6039797760.0 + 2415919104.0 + 509607936.0));
  CHECK(generator_flops({}, 512, 128) == generator_flops({}, 256, 256));
}

TEST_CASE("Upsampling behind the convolution saves three quarters of the decoder") {
  GeneratorConfig small;
  small.upsample = Upsample::kTransposed;
  CHECK(generator_flops({}, 256, 256) - generator_flops(small, 256, 256) ==
        2.0 * 0.75 * 2415919104.0);
}

}  // namespace
}  // namespace impasto
