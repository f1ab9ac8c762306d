#include "impasto/nn/activity.h"

#include <ATen/ATen.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <map>
#include <string>

#include "impasto/base/error.h"
#include "support/catch.h"

using impasto::Generator;
using impasto::GeneratorConfig;
using impasto::measure_activity;
using impasto::Norm;

namespace {

GeneratorConfig small_config(Norm norm) {
  GeneratorConfig config;
  config.base_channels = 4;
  config.residual_blocks = 2;
  config.norm = norm;
  return config;
}

/// Without norms and with weights of 0 a convolution's bias is what its activation gets.
Generator constant_generator() {
  Generator generator(small_config(Norm::kNone));
  const torch::NoGradGuard no_grad;
  for (auto& weight : generator->parameters()) weight.zero_();
  return generator;
}

std::map<std::string, double> by_layer(const std::vector<impasto::LayerActivity>& activity) {
  std::map<std::string, double> shares;
  for (const auto& [layer, share] : activity) shares[layer] = share;
  return shares;
}

}  // namespace

TEST_CASE("Layers have their names in the model file, from the input to the output") {
  std::vector<std::string> layers;
  const auto photo = at::zeros({1, 3, 16, 16});
  for (const auto& entry : measure_activity(Generator(small_config(Norm::kInstance)), photo)) {
    layers.push_back(entry.layer);
  }
  CHECK(layers == std::vector<std::string>{"encoder.0.activation",
                                           "encoder.1.activation",
                                           "encoder.2.activation",
                                           "residual.0.activation",
                                           "residual.1.activation",
                                           "decoder.0.activation",
                                           "decoder.1.activation"});
}

TEST_CASE("A layer's share is that of its channels whose bias is above 0") {
  auto generator = constant_generator();
  {
    const torch::NoGradGuard no_grad;
    auto parameters = generator->named_parameters();
    parameters["encoder.0.conv.bias"].copy_(at::tensor({2.0F, -1.0F, 0.5F, 3.0F}));
    parameters["encoder.1.conv.bias"].narrow(0, 0, 2).fill_(1);            // of 8
    parameters["residual.1.conv1.bias"].fill_(1);                          // all
    parameters["decoder.1.conv.bias"].fill_(-1).narrow(0, 1, 2).fill_(1);  // 2 of 4
  }
  const auto shares = by_layer(measure_activity(generator, at::full({2, 3, 16, 20}, 100.0F)));
  CHECK(shares.at("encoder.0.activation") == 0.75);
  CHECK(shares.at("encoder.1.activation") == 0.25);
  CHECK(shares.at("encoder.2.activation") == 0);  // 0 is not above 0
  CHECK(shares.at("residual.0.activation") == 0);
  CHECK(shares.at("residual.1.activation") == 1);
  CHECK(shares.at("decoder.0.activation") == 0);
  CHECK(shares.at("decoder.1.activation") == 0.5);
}

TEST_CASE("A layer's share is that of its pixels above 0, over all pictures") {
  auto generator = constant_generator();
  {
    const torch::NoGradGuard no_grad;
    auto parameters = generator->named_parameters();
    parameters["encoder.0.conv.weight"].select(2, 4).select(2, 4).select(1, 0).fill_(1);  // red
    parameters["encoder.0.conv.bias"].fill_(-100);
  }
  auto photos = at::zeros({2, 3, 16, 16});
  photos.select(0, 0).select(0, 0).narrow(0, 0, 4).fill_(101);  // red, a quarter of one picture
  photos.select(1, 1).fill_(255);                               // green, nowhere looked at
  const auto shares = by_layer(measure_activity(generator, photos));
  CHECK(shares.at("encoder.0.activation") == 1.0 / 8);
}

TEST_CASE("Measuring activity leaves the generator as it was") {
  torch::manual_seed(3);
  auto config = small_config(Norm::kBatch);
  config.encoder_activation = impasto::Activation::kPrelu;
  Generator generator(config);
  generator->train();
  const auto running_mean = generator->named_buffers()["encoder.0.norm.running_mean"].clone();
  const auto photo = at::rand({1, 3, 16, 16}) * 255;
  measure_activity(generator, photo);
  CHECK(generator->is_training());
  CHECK(at::equal(generator->named_buffers()["encoder.0.norm.running_mean"], running_mean));

  CHECK_THROWS_AS(measure_activity(generator, at::zeros({1, 3, 8, 8})), impasto::ConfigError);
  CHECK(generator->is_training());
  generator->eval();
  const auto first = measure_activity(generator, photo);
  generator->forward(photo * 0);  // must not be listened to
  CHECK_FALSE(generator->is_training());
  CHECK(by_layer(measure_activity(generator, photo)) == by_layer(first));
}
