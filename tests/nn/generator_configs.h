#pragma once

#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/generator_config.h"

/// Every combination of kinds that validates, in a small size.
inline std::vector<impasto::GeneratorConfig> every_generator_config() {
  using namespace impasto;
  std::vector<GeneratorConfig> configs;
  for (const Norm norm : {Norm::kInstance, Norm::kBatch, Norm::kNone, Norm::kConditionalInstance})
    for (const Upsample upsample : {Upsample::kNearestConv,
                                    Upsample::kBilinearConv,
                                    Upsample::kTransposed,
                                    Upsample::kPixelShuffle})
      for (const Activation encoder :
           {Activation::kRelu, Activation::kLeakyRelu, Activation::kPrelu, Activation::kRelu6})
        for (const Activation decoder :
             {Activation::kRelu, Activation::kLeakyRelu, Activation::kPrelu, Activation::kRelu6})
          for (const Output output : {Output::kLinear, Output::kTanh, Output::kSigmoid})
            for (const bool skip : {false, true})
              for (const Block block : {Block::kStandard, Block::kDepthwiseSeparable}) {
                GeneratorConfig config;
                config.base_channels = 2;
                config.residual_blocks = 1;
                config.norm = norm;
                config.styles = norm == Norm::kConditionalInstance ? 3 : 1;
                config.upsample = upsample;
                config.encoder_activation = encoder;
                config.decoder_activation = decoder;
                config.output = output;
                config.skip_connections = skip;
                config.block = block;
                try {
                  config.validate();
                } catch (const ConfigError&) {
                  continue;
                }
                configs.push_back(config);
              }
  return configs;
}
