// What torch.save writes, as far as it is harmless.

#include <limits>

#include "impasto/base/error.h"
#include "impasto/interop/torch_checkpoint.h"
#include "interop/torch_files.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"

namespace impasto {
namespace {

TensorFile parse(const std::string& bytes) { return parse_torch_checkpoint(to_bytes(bytes), "x"); }

std::string error_of(const std::string& bytes) {
  return message_of<FormatError>([&] { parse(bytes); });
}

/// {"w": the tensor}
std::string pickle_of(std::int32_t offset,
                      const std::vector<std::int32_t>& shape,
                      const std::vector<std::int32_t>& strides) {
  return PickleWriter().raw("}").text("w").tensor("0", 6, offset, shape, strides).raw("s").bytes();
}

TEST_CASE("A tensor is read through its offset and its strides, in both forms of file") {
  const std::string pickle = pickle_of(1, {2, 2}, {1, 2});  // a transposed view: 1 3 / 2 4
  for (const std::string& bytes : {zip_checkpoint(pickle), legacy_checkpoint(pickle)}) {
    REQUIRE(is_torch_checkpoint(to_bytes(bytes)));
    const TensorFile file = parse(bytes);
    REQUIRE(file.tensors.size() == 1);
    CHECK(file.tensors.at("w") == HostTensor::from_floats({2, 2}, {1, 3, 2, 4}));
  }
}

TEST_CASE("The stride of a side of one may be any number") {
  PickleWriter pickle;
  pickle.raw("}").text("w").global("torch._utils", "_rebuild_tensor_v2").raw("(");
  pickle.storage("FloatStorage", "0", 6).number(3).tuple({2, 1}).raw("(").number(1);
  pickle.raw("\x8a\x08").raw(bytes_of(std::numeric_limits<std::int64_t>::max())).raw("t");
  pickle.raw("\x89").global("collections", "OrderedDict").raw(")RtRs");
  CHECK(parse(zip_checkpoint(pickle.bytes())).tensors.at("w") ==
        HostTensor::from_floats({2, 1}, {3, 4}));
}

TEST_CASE("A scalar and an empty tensor are tensors too") {
  const std::string pickle = PickleWriter()
                                 .raw("}")
                                 .text("scalar")
                                 .tensor("0", 6, 5, {}, {})
                                 .raw("s")
                                 .text("empty")
                                 .tensor("0", 6, 0, {0, 3}, {3, 1})
                                 .raw("s")
                                 .bytes();
  const TensorFile file = parse(zip_checkpoint(pickle));
  CHECK(file.tensors.at("scalar") == HostTensor::from_floats({}, {5}));
  CHECK(file.tensors.at("empty") == HostTensor::from_floats({0, 3}, {}));
}

TEST_CASE("A training checkpoint's only state_dict is found, and other entries are passed over") {
  PickleWriter pickle;
  pickle.raw("}").text("epoch").number(7).raw("s");
  pickle.text("loss").raw("G").raw(std::string("\x3f\xd0\0\0\0\0\0\0", 8)).raw("s");
  pickle.text("model").raw("}").text("w").tensor("0", 6, 0, {6}, {1}).raw("ss");
  CHECK(parse(zip_checkpoint(pickle.bytes())).tensors.at("w").shape ==
        std::vector<std::int64_t>{6});

  pickle.text("ema").raw("}").text("w").tensor("0", 6, 0, {6}, {1}).raw("ss");
  CHECK(error_of(zip_checkpoint(pickle.bytes())) ==
        "x: expected one state_dict, found 'model', 'ema'; save the network's alone");
}

TEST_CASE("The prefix of DataParallel goes, where every name has it") {
  PickleWriter pickle;
  pickle.raw("}").text("module.a").tensor("0", 6, 0, {1}, {1}).raw("s");
  CHECK(parse(zip_checkpoint(pickle.bytes())).tensors.contains("a"));
  pickle.text("b").tensor("0", 6, 0, {1}, {1}).raw("s");
  CHECK(parse(zip_checkpoint(pickle.bytes())).tensors.contains("module.a"));
}

TEST_CASE("What is no checkpoint, or holds no tensors, is refused in words") {
  CHECK(error_of("GIF89a") ==
        "x: expected a file that torch.save has written, found something else");
  CHECK(error_of(zip_checkpoint(PickleWriter().number(3).bytes())) ==
        "x: expected a state_dict, found no dict; save model.state_dict()");
  CHECK(error_of(zip_checkpoint(PickleWriter().raw("}").bytes())) ==
        "x: expected tensors by name, found none");
  CHECK(error_of(ZipWriter().add({.name = "a/version", .content = "3"}).bytes()) ==
        "x: expected the entry 'a/data.pkl'");
  CHECK(error_of(ZipWriter()
                     .add({.name = "a/data.pkl", .content = ""})
                     .add({.name = "a/constants.pkl", .content = ""})
                     .bytes()) ==
        "x: expected a state_dict, found a TorchScript program, whose code is not run here; save "
        "model.state_dict() with torch.save");
  CHECK(error_of(ZipWriter()
                     .add({.name = "a/data.pkl", .content = ""})
                     .add({.name = "a/byteorder", .content = "big"})
                     .bytes()) == "x: expected a file from a little-endian machine");
}

TEST_CASE("A tensor outside its storage is refused by name") {
  CHECK(error_of(zip_checkpoint(pickle_of(3, {2, 2}, {2, 1}))) ==
        "x: tensor 'w': expected to lie within its storage of 6 values, found offset 3, shape "
        "[2,2], strides [2,1]");
  for (const auto& pickle : {pickle_of(6, {1}, {1}),
                             pickle_of(-1, {1}, {1}),
                             pickle_of(0, {2}, {2'000'000'000}),
                             pickle_of(0, {7}, {1})}) {
    CHECK_THAT(error_of(zip_checkpoint(pickle)), ContainsSubstring("expected to lie within"));
    CHECK_THAT(error_of(legacy_checkpoint(pickle)), ContainsSubstring("expected to lie within"));
  }
  CHECK_THAT(error_of(zip_checkpoint(pickle_of(0, {2, 3}, {1}))),
             ContainsSubstring("shape and strides differ in length"));
  CHECK_THAT(error_of(zip_checkpoint(pickle_of(0, {6}, {-1}))),
             ContainsSubstring("expected a tensor's strides from 0, found less"));
}

TEST_CASE("A storage has the size that the pickle says") {
  CHECK(error_of(zip_checkpoint(pickle_of(0, {2}, {1}), {1, 2})) ==
        "x: storage '0': expected 6 values of 4 bytes, found 8 bytes");
  const std::string legacy = legacy_checkpoint(pickle_of(0, {2}, {1}));
  CHECK(error_of(legacy.substr(0, legacy.size() - 1)) ==
        "x: the file is cut: expected 6 values of storage '0', found 5");
}

}  // namespace
}  // namespace impasto
