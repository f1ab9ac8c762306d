#pragma once

#include <string>

namespace impasto {

/// What follows a convolution: a norm over each picture (`instance`), over the batch (`batch`),
/// `none`, or over each picture with a scale and a shift of its own for each style
/// (`conditional_instance`).
enum class Norm { kInstance, kBatch, kNone, kConditionalInstance };

/// How a decoder stage doubles the sides: by repeating pixels or by interpolating between them, a
/// 3x3 convolution after either; by a transposed convolution, which can leave a checkerboard; or by
/// a convolution to four times the channels, which become squares of 2x2 pixels.
enum class Upsample { kNearestConv, kBilinearConv, kTransposed, kPixelShuffle };

/// max(x, 0); with slope 0.2 below 0; with a slope that is learnt; or cut off at 6.
enum class Activation { kRelu, kLeakyRelu, kPrelu, kRelu6 };

/// What makes RGB of the last convolution: see GeneratorConfig::output.
enum class Output { kLinear, kTanh, kSigmoid };

/// Whether 3x3 convolutions are whole or split: see GeneratorConfig::block.
enum class Block { kStandard, kDepthwiseSeparable };

/// The shape of a generator: encoder, transformer of residual blocks, decoder
/// (Johnson, Alahi, Fei-Fei 2016, "Perceptual Losses for Real-Time Style Transfer and
/// Super-Resolution", supplementary table 1, with instance norm as in Ulyanov, Vedaldi,
/// Lempitsky 2016).
///
/// Input and output are RGB in [0, 255]. The defaults are the network of pytorch/examples.
struct GeneratorConfig {
  int base_channels = 32;   ///< Of the first layer; 2x and 4x after the two strided layers.
  int residual_blocks = 5;  ///< 1 to 16, at a quarter of the resolution.
  /// `conditional_instance` has a row of scale and shift for each style (Dumoulin, Shlens, Kudlur
  /// 2017, "A Learned Representation for Artistic Style").
  Norm norm = Norm::kInstance;
  int styles = 1;  ///< Rows of scale and shift; above 1 only with `conditional_instance`.
  Upsample upsample = Upsample::kNearestConv;         ///< How the decoder doubles the sides.
  Activation encoder_activation = Activation::kRelu;  ///< Encoder and residual blocks.
  Activation decoder_activation = Activation::kRelu;  ///< Both stages of the decoder.
  /// What turns the last convolution's y into RGB: `linear` y, clamped only when the picture is
  /// made; `tanh` 127.5 + 150 tanh(y), Johnson's range; `sigmoid` 255 sigmoid(y). Where the last
  /// two saturate nothing can be learnt any more, so that black blotches may stay.
  Output output = Output::kLinear;
  /// U-Net: each decoder stage's output is joined by the encoder's of that size.
  bool skip_connections = false;
  /// `depthwise_separable`: every 3x3 convolution is split (Howard et al. 2017, "MobileNets"), the
  /// light variant; with `nearest_conv` or `bilinear_conv` only.
  Block block = Block::kStandard;
  /// Pixels, 0 to 12, by which a picture is mirrored on every side for the network, and which are
  /// cut off what comes out: what a network does at the edges of what it gets, such as the coloured
  /// frame that long training draws, is then not in the picture. Training itself goes without. No
  /// tensor depends on it.
  int margin = 0;

  /// Throws ConfigError for values out of range and for combinations that make no sense.
  void validate() const;

  /// Whether all fields are equal.
  bool operator==(const GeneratorConfig&) const = default;
};

/// `text` is a JSON object with the field names above; see docs/configs.md. The result is valid.
/// Throws ConfigError whose message starts with `where`.
GeneratorConfig generator_config_from_json(const std::string& text, const std::string& where);

/// Every field with its value, on one line.
std::string to_json(const GeneratorConfig& config);

}  // namespace impasto
