// Style models as ONNX: valid, and the engine's pictures in OpenCV's DNN module. ONNX Runtime and
// OpenVINO are asked by check_exports.py, which needs Python.

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <set>

#include "engine/random_model.h"
#include "impasto/base/error.h"
#include "impasto/engine/engine.h"
#include "impasto/interop/export_model.h"
#include "impasto/interop/onnx_reader.h"
#include "impasto/interop/onnx_writer.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/style_models.h"

namespace impasto {
namespace {

onnx::ModelProto parse(const std::vector<std::byte>& bytes) {
  onnx::ModelProto model;
  REQUIRE(model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return model;
}

std::vector<float> engine_picture(const StyleModel& model,
                                  const std::vector<float>& planes,
                                  int width,
                                  int height,
                                  const std::vector<float>& styles) {
  std::vector<float> result(planes.size());
  const Engine engine(model, {.threads = 1, .precision = Precision::kFloat32, .winograd = false});
  engine.run(planes, width, height, result, styles);
  return result;
}

std::vector<float> opencv_picture(const StyleModel& model,
                                  const OnnxOptions& options,
                                  std::vector<float> planes,
                                  std::vector<float> styles) {
  const std::vector<std::byte> bytes = to_onnx(model, options);
  cv::dnn::Net net =
      cv::dnn::readNetFromONNX(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  net.setInput(
      cv::Mat(std::vector<int>{1, 3, options.height, options.width}, CV_32F, planes.data()),
      "image");
  if (model.generator.norm == Norm::kConditionalInstance) {
    net.setInput(
        cv::Mat(std::vector<int>{1, static_cast<int>(styles.size())}, CV_32F, styles.data()),
        "style_weights");
  }
  const cv::Mat result = net.forward();
  REQUIRE(result.total() == planes.size());
  const float* values = result.ptr<float>();
  return {values, values + planes.size()};
}

/// On the scale of 0 to 255, in relation to the picture's range where that is larger.
float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  float largest = 0, range = 255;
  for (const float value : b) range = std::max(range, std::abs(value));
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float difference = std::abs(a[i] - b[i]) * 255 / range;
    if (!(difference <= largest)) largest = difference;  // Written so that a NaN counts.
  }
  return largest;
}

std::vector<float> planes_of(int width, int height) { return random_planes(width, height, 3); }

TEST_CASE("Every variant's ONNX model passes the ONNX checker, for every size and for one") {
  for (const NamedConfig& variant : variants()) {
    const StyleModel model = random_model(variant.config, 1);
    for (const OnnxOptions& options : {OnnxOptions{},
                                       OnnxOptions{.half = true},
                                       OnnxOptions{.opset = 11, .width = 37, .height = 50}}) {
      INFO(variant.name << ", opset " << options.opset << ", half " << options.half);
      onnx::ModelProto proto = parse(to_onnx(model, options));
      CHECK_NOTHROW(onnx::checker::check_model(proto));
      // Shapes and types fit from layer to layer.
      onnx::ShapeInferenceOptions strict(/*check_type=*/true, /*strict_mode=*/1);
      CHECK_NOTHROW(
          onnx::shape_inference::InferShapes(proto, onnx::OpSchemaRegistry::Instance(), strict));
    }
  }
}

TEST_CASE("The model for every size says so, and the one for one size has its numbers") {
  const StyleModel model = random_style_model({.base_channels = 2, .residual_blocks = 1});
  const auto shape = [](const onnx::ValueInfoProto& value) {
    std::vector<std::string> names;
    for (const auto& dimension : value.type().tensor_type().shape().dim()) {
      names.push_back(dimension.has_dim_value() ? std::to_string(dimension.dim_value())
                                                : dimension.dim_param());
    }
    return names;
  };
  using Names = std::vector<std::string>;
  const onnx::ModelProto any = parse(to_onnx(model));
  CHECK(any.opset_import(0).version() == 17);
  CHECK(shape(any.graph().input(0)) == Names{"batch", "3", "height", "width"});
  CHECK(shape(any.graph().output(0)) == Names{"batch", "3", "height", "width"});
  const onnx::ModelProto one = parse(to_onnx(model, {.opset = 11, .width = 40, .height = 24}));
  CHECK(one.opset_import(0).version() == 11);
  CHECK(shape(one.graph().input(0)) == Names{"1", "3", "24", "40"});
}

TEST_CASE("A model of several styles takes their weights as its second input") {
  const StyleModel model = random_style_model(
      {.base_channels = 2, .norm = Norm::kConditionalInstance, .styles = 3}, {"a", "b", "c"});
  const onnx::ModelProto proto = parse(to_onnx(model));
  REQUIRE(proto.graph().input_size() == 2);
  CHECK(proto.graph().input(1).name() == "style_weights");
  CHECK(proto.graph().input(1).type().tensor_type().shape().dim(1).dim_value() == 3);
  CHECK(parse(to_onnx(with_one_style(model, 1))).graph().input_size() == 1);
}

TEST_CASE("Half precision halves the file") {
  const StyleModel model = random_style_model({.base_channels = 8});
  const auto whole = static_cast<double>(to_onnx(model).size());
  CHECK(static_cast<double>(to_onnx(model, {.half = true}).size()) < 0.6 * whole);
}

TEST_CASE("OpenCV's DNN module makes the engine's picture of every variant") {
  for (const NamedConfig& variant : variants()) {
    INFO(variant.name);
    const StyleModel model = random_model(variant.config, 7);
    std::vector<float> styles;
    if (model.generator.norm == Norm::kConditionalInstance) {
      styles.assign(static_cast<std::size_t>(model.generator.styles), 0.4f);
    }
    for (const auto& [width, height] : {std::pair(32, 24), std::pair(37, 26)}) {
      INFO(width << "x" << height);
      const OnnxOptions options = {.opset = 11, .width = width, .height = height};
      const std::vector<float> planes = planes_of(width, height);
      std::vector<float> found;
      REQUIRE_NOTHROW(found = opencv_picture(model, options, planes, styles));
      CHECK(largest_difference(found, engine_picture(model, planes, width, height, styles)) <
            1e-3f);
    }
  }
}

TEST_CASE("What cannot be written is refused in words") {
  const StyleModel model = random_style_model({.base_channels = 2});
  const auto error_of = [&](const OnnxOptions& options) {
    return message_of<ConfigError>([&] { to_onnx(model, options); });
  };
  CHECK(error_of({.opset = 9}) == "opset: expected 11 to 17, found 9");
  CHECK(error_of({.width = 15, .height = 20}) ==
        "size: expected sides of at least 16, found 15x20");
  CHECK(error_of({.width = 20}) == "size: expected sides of at least 16, found 20x0");
}

}  // namespace
}  // namespace impasto
