#include "impasto/train/ema.h"

#include <ATen/ATen.h>

#include "support/catch.h"

using impasto::ema_decay;
using impasto::Generator;
using impasto::update_ema;

TEST_CASE("The average's decay rises from a tenth to its limit") {
  CHECK(ema_decay(0.999, 0) == Approx(0.1));
  CHECK(ema_decay(0.999, 10) == Approx(11.0 / 20));
  CHECK(ema_decay(0.5, 10) == 0.5);
  CHECK(ema_decay(0.999, 1000000) == 0.999);
}

TEST_CASE("Weights are averaged and running statistics copied") {
  impasto::GeneratorConfig config;
  config.base_channels = 2;
  config.residual_blocks = 1;
  config.norm = impasto::Norm::kBatch;
  Generator average(config), generator(config);
  const c10::NoGradGuard no_grad;
  for (auto& parameter : average->parameters()) parameter.fill_(1);
  for (auto& parameter : generator->parameters()) parameter.fill_(3);
  for (auto& buffer : generator->buffers()) buffer.fill_(7);
  update_ema(average, generator, 0.75);
  // 0.75 * 1 + 0.25 * 3
  for (const auto& parameter : average->parameters()) CHECK((parameter == 1.5).all().item<bool>());
  for (const auto& buffer : average->buffers()) CHECK((buffer == 7).all().item<bool>());
}
