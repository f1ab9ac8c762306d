// Networks in the form of the ONNX model zoo's.

#include <onnx/onnx_pb.h>

#include <fstream>

#include "impasto/base/error.h"
#include "impasto/interop/import_model.h"
#include "interop/golden.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

onnx::ModelProto zoo_model() {
  onnx::ModelProto model;
  std::ifstream file(interop_file("zoo_9.onnx"), std::ios::binary);
  REQUIRE(model.ParseFromIstream(&file));
  return model;
}

onnx::NodeProto& nth_node(onnx::ModelProto& model, const std::string& type, int n) {
  for (auto& node : *model.mutable_graph()->mutable_node()) {
    if (node.op_type() == type && n-- == 0) return node;
  }
  throw std::runtime_error("no such node");
}

onnx::AttributeProto& attribute(onnx::NodeProto& node, const std::string& name) {
  for (auto& found : *node.mutable_attribute()) {
    if (found.name() == name) return found;
  }
  throw std::runtime_error("no such attribute");
}

/// What importing the model has to complain of once `damage` has been done to it.
template <class Damage>
std::string error_after(const Damage& damage) {
  onnx::ModelProto model = zoo_model();
  damage(model);
  const TemporaryFolder folder;
  const auto path = folder / "x.onnx";
  std::ofstream file(path, std::ios::binary);
  REQUIRE(model.SerializeToOstream(&file));
  file.close();
  const std::string message = message_of<FormatError>([&] { import_onnx_style(path); });
  const std::string start = path.string() + ": ";
  return message.starts_with(start) ? message.substr(start.size()) : message;
}

TEST_CASE("The ONNX zoo's form of a network, of opset 8 and 9, makes Python's picture") {
  for (const std::string name : {"zoo_8.onnx", "zoo_9.onnx"}) {
    const ImportedStyle imported = import_onnx_style(interop_file(name), {.style = "candy"});
    CHECK(imported.model.styles == std::vector<std::string>{"candy"});
    CHECK(imported.model.generator == GeneratorConfig{.base_channels = 2, .residual_blocks = 2});
    CHECK(difference_to_python(imported.model, "zoo") < 1e-3f);
  }
}

TEST_CASE("A graph that computes something else is refused layer by layer") {
  CHECK_THAT(error_after([](auto& model) { nth_node(model, "Relu", 1).set_op_type("Sigmoid"); }),
             ContainsSubstring("an operator that the network of pytorch/examples does not have"));
  CHECK_THAT(error_after([](auto& model) {
               attribute(nth_node(model, "Pad", 0), "mode").set_s("constant");
             }),
             ContainsSubstring("expected padding by reflection, found 'constant'"));
  CHECK_THAT(
      error_after([](auto& model) { attribute(nth_node(model, "Pad", 0), "pads").set_ints(2, 3); }),
      ContainsSubstring("expected the same padding on all four sides"));
  CHECK_THAT(error_after([](auto& model) {
               attribute(nth_node(model, "Conv", 1), "strides").set_ints(0, 1);
             }),
             ContainsSubstring("expected a stride of 2"));
  CHECK_THAT(error_after([](auto& model) {
               attribute(nth_node(model, "Conv", 3), "dilations").set_ints(0, 2);
             }),
             ContainsSubstring("expected no dilation"));
  CHECK_THAT(error_after([](auto& model) {
               attribute(nth_node(model, "InstanceNormalization", 2), "epsilon").set_f(0.1f);
             }),
             ContainsSubstring("expected an epsilon of 1e-5"));
  CHECK_THAT(error_after([](auto& model) {
               attribute(nth_node(model, "Upsample", 0), "mode").set_s("linear");
             }),
             ContainsSubstring("expected nearest neighbours, found 'linear'"));
}

TEST_CASE("Factors that are computed from the picture's sides are worked out") {
  // The first Upsample's factors come from Shape, Gather, Mul, Floor, Slice, Div and Concat.
  CHECK(error_after([](auto& model) {
          nth_node(model, "Mul", 0).set_op_type("Add");
        }).find("expected a factor of 2") != std::string::npos);
  CHECK_THAT(error_after([](auto& model) { nth_node(model, "Floor", 0).set_op_type("Exp"); }),
             ContainsSubstring("expected factors, found what cannot be worked out"));
  CHECK_THAT(
      error_after([](auto& model) { nth_node(model, "Shape", 0).set_input(0, "elsewhere"); }),
      ContainsSubstring("of a value that is not known"));
  CHECK_THAT(error_after([](auto& model) {
               auto& floor = nth_node(model, "Floor", 0);
               floor.set_input(0, floor.output(0));
             }),
             ContainsSubstring("is computed in too many steps"));
  CHECK_THAT(error_after([](auto& model) {
               auto& concat = nth_node(model, "Concat", 0);
               for (int i = 0; i < 20; ++i) concat.add_input(concat.input(0));
             }),
             ContainsSubstring("too long"));
  // Sides that the graph does not give are as good as any.
  CHECK(error_after([](auto& model) {
          for (auto& input : *model.mutable_graph()->mutable_input()) {
            if (input.name() == "input1") input.clear_type();
          }
        }) == "nothing was thrown");
}

TEST_CASE("A graph's shape and constants are checked") {
  CHECK_THAT(error_after([](auto& model) { model.mutable_graph()->mutable_node()->RemoveLast(); }),
             ContainsSubstring("found 9"));
  CHECK_THAT(error_after([](auto& model) { nth_node(model, "Conv", 0).set_input(1, "nowhere"); }),
             ContainsSubstring("expected a constant as input 2"));
  CHECK_THAT(error_after([](auto& model) {
               for (auto& tensor : *model.mutable_graph()->mutable_initializer()) {
                 tensor.set_dims(0, 1'000'000'000'000);
               }
             }),
             ContainsSubstring("its shape makes no sense"));
  CHECK_THAT(error_after([](auto& model) {
               for (auto& tensor : *model.mutable_graph()->mutable_initializer()) {
                 tensor.mutable_raw_data()->pop_back();
               }
             }),
             ContainsSubstring("values, found"));
  CHECK_THAT(error_after([](auto& model) {
               for (auto& tensor : *model.mutable_graph()->mutable_initializer()) {
                 tensor.set_data_location(onnx::TensorProto::EXTERNAL);
               }
             }),
             ContainsSubstring("its values are in another file"));
  CHECK_THAT(error_after([](auto& model) {
               // The first layer's result becomes its own input.
               auto& first = nth_node(model, "Pad", 0);
               auto& conv = nth_node(model, "Conv", 0);
               for (auto& node : *model.mutable_graph()->mutable_node()) {
                 if (node.op_type() == "InstanceNormalization") node.set_op_type("Unused");
               }
               conv.set_output(0, first.input(0));
             }),
             ContainsSubstring("expected a graph without circles"));
}

TEST_CASE("What is no ONNX model is refused") {
  const TemporaryFolder folder;
  write_test_file(folder / "x.onnx", "not a model");
  CHECK_THAT(message_of<FormatError>([&] { import_onnx_style(folder / "x.onnx"); }),
             ContainsSubstring("expected an ONNX model, found something else"));
}

}  // namespace
}  // namespace impasto
