#pragma once

#include <cstddef>
#include <vector>

#include "impasto/style/style_model.h"

namespace impasto {

/// What an ONNX file is written for.
struct OnnxOptions {
  int opset = 17;     ///< 11 to 17; 11 is what OpenCV 4's DNN module reads.
  int width = 0;      ///< In pixels, of the one size that the file is for; 0: any size and number.
  int height = 0;     ///< Likewise: 0 with `width` 0, and only then.
  bool half = false;  ///< Weights in float16, which the graph turns into float32.
};

/// The generator as an ONNX model, the bytes of a .onnx file.
///
/// Input `image` and output `stylized` are float32 [N,3,H,W], RGB in [0,255], the output not
/// rounded and not clamped. Sides are at least 16; those that are no multiples of 4 are mirrored up
/// and cropped again, as the engine does. A model of several styles has a second input,
/// `style_weights` [N,styles]: the share of each style in each picture.
///
/// Throws FormatError for a model that is not valid, ConfigError for another opset, a side below 16
/// or only one side.
std::vector<std::byte> to_onnx(const StyleModel& model, const OnnxOptions& options = {});

}  // namespace impasto
