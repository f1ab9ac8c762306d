#include "impasto/base/safetensors.h"

#include <cstring>
#include <string>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

/// A file as the format lays it out: the header's length, the header, the data.
std::vector<std::byte> file_of(const std::string& header, const std::string& data = "") {
  const std::uint64_t length = header.size();
  std::string text(8, '\0');
  std::memcpy(text.data(), &length, 8);
  return to_bytes(text + header + data);
}

std::string error_of(const std::vector<std::byte>& bytes) {
  return message_of<FormatError>([&] { parse_safetensors(bytes, "x.safetensors"); });
}

/// The error of a file with one tensor `a`, whose entry is `entry`, and 8 bytes of data.
std::string error_of_entry(const std::string& entry) {
  return error_of(file_of("{\"a\":" + entry + "}", "12345678"));
}

TEST_CASE("A file built byte by byte reads as it was written") {
  const std::string header = R"({"__metadata__":{"made":"by hand"},)"
                             R"("b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]},)"
                             R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                             R"("scalar":{"dtype":"I8","shape":[],"data_offsets":[11,12]},)"
                             R"("none":{"dtype":"F64","shape":[4,0],"data_offsets":[12,12]}}   )";
  const std::string data("\x00\x00\x80\x3f\x00\x00\x00\xc0\x01\x02\xff\x07", 12);
  const TensorFile file = parse_safetensors(file_of(header, data), "x.safetensors");
  CHECK(file.metadata == std::map<std::string, std::string>{{"made", "by hand"}});
  REQUIRE(file.tensors.size() == 4);
  CHECK(file.tensors.at("a") == HostTensor::from_floats({2, 1}, {1, -2}));
  CHECK(file.tensors.at("b") == HostTensor{DType::kUInt8, {3}, to_bytes("\x01\x02\xff")});
  CHECK(file.tensors.at("scalar") == HostTensor{DType::kInt8, {}, to_bytes("\x07")});
  CHECK(file.tensors.at("none") == HostTensor{DType::kFloat64, {4, 0}, {}});
}

TEST_CASE("What is written is read back, and equal content gives equal bytes") {
  TensorFile file;
  file.metadata = {{"format", "x/1"}, {"umlaut", "Gr\xc3\xbc\xc3\x9f \"quoted\""}};
  file.tensors["half"] = HostTensor::from_floats({3}, {1, 2, 3}).converted_to(DType::kFloat16);
  file.tensors["whole"] = {DType::kInt64, {2}, std::vector<std::byte>(16, std::byte{7})};
  file.tensors["z"] = HostTensor::from_floats({1, 1}, {0.5F});
  file.tensors["flag"] = {DType::kBool, {1}, {std::byte{1}}};
  const auto bytes = serialize_safetensors(file);
  const TensorFile back = parse_safetensors(bytes, "x.safetensors");
  CHECK(back.metadata == file.metadata);
  CHECK(back.tensors == file.tensors);
  CHECK(serialize_safetensors(back) == bytes);

  const TemporaryFolder folder;
  write_safetensors(folder / "x.safetensors", file);
  CHECK(read_file(folder / "x.safetensors") == bytes);
  CHECK(read_safetensors(folder / "x.safetensors").tensors == file.tensors);
}

TEST_CASE("Written tensors are aligned to their elements, and the data to 8 bytes") {
  TensorFile file;
  file.tensors["a"] = {DType::kUInt8, {3}, std::vector<std::byte>(3)};
  file.tensors["b"] = HostTensor::from_floats({1}, {1});
  file.tensors["c"] = {DType::kFloat64, {1}, std::vector<std::byte>(8)};
  const auto bytes = serialize_safetensors(file);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  CHECK(length % 8 == 0);
  CHECK(bytes.size() == 8 + length + 15);
  const std::string header(reinterpret_cast<const char*>(bytes.data()) + 8, length);
  CHECK(header.substr(0, header.find_last_not_of(' ') + 1) ==
        R"({"c":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},)"
        R"("b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},)"
        R"("a":{"dtype":"U8","shape":[3],"data_offsets":[12,15]}})");
}

TEST_CASE("A file that is cut anywhere is a FormatError") {
  TensorFile file;
  file.metadata = {{"format", "x/1"}};
  file.tensors["a"] = HostTensor::from_floats({2}, {1, 2});
  const auto bytes = serialize_safetensors(file);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<std::byte> cut(bytes.begin(),
                                     bytes.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_THROWS_AS(parse_safetensors(cut, "x"), FormatError);
  }
}

TEST_CASE("A hostile header's length is refused before anything is read") {
  CHECK(error_of(to_bytes("1234")) ==
        "x.safetensors: expected a safetensors file, found only 4 bytes");
  CHECK(error_of(to_bytes(std::string(8, '\xff'))) ==
        "x.safetensors: expected a safetensors header of at most 100000000 bytes, found "
        "18446744073709551615");
  CHECK(error_of(to_bytes(std::string("\x01\xe1\xf5\x05\0\0\0\0", 8))) ==
        "x.safetensors: expected a safetensors header of at most 100000000 bytes, found 100000001");
  CHECK(error_of(to_bytes(std::string("\x10\0\0\0\0\0\0\0{}", 10))) ==
        "x.safetensors: the file is cut: expected a header of 16 bytes, found 2");
}

TEST_CASE("A header has to be one JSON object") {
  CHECK(error_of(file_of("")) ==
        "x.safetensors: expected a safetensors header that begins with '{'");
  CHECK(error_of(file_of("[1]")) ==
        "x.safetensors: expected a safetensors header that begins with '{'");
  CHECK_THAT(error_of(file_of("{\"a\":")),
             ContainsSubstring("x.safetensors: header: line 1, column 6"));
  CHECK_THAT(error_of(file_of("{} {}")),
             ContainsSubstring("x.safetensors: header: line 1, column 4"));
  CHECK_THAT(error_of(file_of("{\"\xff\":1}")), ContainsSubstring("x.safetensors: header: line 1"));
  CHECK_THAT(error_of(file_of("{\"a\":" + std::string(1'000'000, '['))),
             ContainsSubstring("x.safetensors: header: nested deeper than 64 levels"));
}

TEST_CASE("A name that stands twice is refused") {
  const std::string entry = R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  CHECK(error_of(file_of("{" + entry + "," + entry + "}", "x")) ==
        "x.safetensors: header: the key 'a' stands twice in one object");
  CHECK(error_of(file_of(R"({"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})",
                         "x")) ==
        "x.safetensors: header: the key 'dtype' stands twice in one object");
}

TEST_CASE("Metadata is text by name") {
  CHECK(error_of(file_of(R"({"__metadata__":[]})")) ==
        "x.safetensors: __metadata__: expected an object, found a list");
  CHECK(error_of(file_of(R"({"__metadata__":{"steps":3}})")) ==
        "x.safetensors: __metadata__: 'steps': expected text, found 3");
}

TEST_CASE("A tensor's entry has exactly its three members, of the right kinds") {
  CHECK(error_of_entry("7") == "x.safetensors: tensor 'a': expected an object, found 7");
  CHECK(error_of_entry(R"({"dtype":"F32","shape":[2]})") ==
        "x.safetensors: tensor 'a': expected 'data_offsets', found none");
  CHECK(error_of_entry(R"({"shape":[2],"data_offsets":[0,8]})") ==
        "x.safetensors: tensor 'a': expected 'dtype', found none");
  CHECK(error_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1})") ==
        "x.safetensors: tensor 'a': expected 'dtype', 'shape' and 'data_offsets', found 'more'");
  CHECK(error_of_entry(R"({"dtype":5,"shape":[2],"data_offsets":[0,8]})") ==
        "x.safetensors: tensor 'a': dtype: expected text, found 5");
  CHECK(error_of_entry(R"({"dtype":"F8_E5M2","shape":[8],"data_offsets":[0,8]})") ==
        "x.safetensors: tensor 'a': dtype: expected one of BOOL, U8, I8, I16, I32, I64, F16, BF16, "
        "F32, F64, found 'F8_E5M2'");
  CHECK(error_of_entry(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})") ==
        "x.safetensors: tensor 'a': shape: expected a list, found 2");
  CHECK(error_of_entry(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})") ==
        "x.safetensors: tensor 'a': shape: expected whole numbers from 0, found -2");
  CHECK(error_of_entry(R"({"dtype":"F32","shape":[2.0],"data_offsets":[0,8]})") ==
        "x.safetensors: tensor 'a': shape: expected whole numbers from 0, found 2.0");
  CHECK(error_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0]})") ==
        "x.safetensors: tensor 'a': data_offsets: expected two numbers, found 1");
}

TEST_CASE("Shapes whose size overflows are refused") {
  for (const std::string shape : {"[9223372036854775807,4]",
                                  "[18446744073709551615]",
                                  "[4294967296,4294967296,4]",
                                  "[2305843009213693952]"}) {
    CHECK(error_of_entry(R"({"dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,8]})") ==
          "x.safetensors: tensor 'a': shape: expected fewer than 2^63 bytes, found " + shape);
  }
}

TEST_CASE("A range has to fit the shape and lie inside the data") {
  CHECK(error_of_entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})") ==
        "x.safetensors: tensor 'a': expected 12 bytes for F32 [3], found 8");
  CHECK(error_of_entry(R"({"dtype":"F32","shape":[4],"data_offsets":[0,16]})") ==
        "x.safetensors: tensor 'a': data_offsets: expected a range inside the 8 bytes of data, "
        "found [0,16]; is the file cut short?");
  CHECK(error_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})") ==
        "x.safetensors: tensor 'a': data_offsets: expected a range inside the 8 bytes of data, "
        "found [8,0]");
  CHECK(
      error_of_entry(R"({"dtype":"U8","shape":[0],)"
                     R"("data_offsets":[9223372036854775808,9223372036854775808]})") ==
      "x.safetensors: tensor 'a': data_offsets: expected a range inside the 8 bytes of data, found "
      "[9223372036854775808,9223372036854775808]; is the file cut short?");
}

TEST_CASE("Every byte of the data belongs to exactly one tensor") {
  const auto two = [](const std::string& a, const std::string& b) {
    return error_of(file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
                                R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}",
                            "123456789"));
  };
  CHECK(two("[0,4]", "[3,7]") ==
        "x.safetensors: tensor 'b': data_offsets: expected to begin at 4, found 3, which overlaps "
        "another tensor");
  CHECK(two("[0,4]", "[0,4]") ==
        "x.safetensors: tensor 'b': data_offsets: expected to begin at 4, found 0, which overlaps "
        "another tensor");
  CHECK(two("[5,9]", "[0,4]") ==
        "x.safetensors: tensor 'a': data_offsets: expected to begin at 4, found 5, which leaves a "
        "gap");
  CHECK(two("[1,5]", "[5,9]") ==
        "x.safetensors: tensor 'a': data_offsets: expected to begin at 0, found 1, which leaves a "
        "gap");
  CHECK(two("[0,4]", "[4,8]") == "x.safetensors: expected 8 bytes of data, found 9");
}

TEST_CASE("A missing file is an IoError") {
  CHECK(message_of<IoError>([] { read_safetensors("no/such.safetensors"); }) ==
        "no/such.safetensors: cannot read: No such file or directory");
}

TEST_CASE("A tensor that does not hold what its shape says is not written") {
  TensorFile file;
  file.tensors["a"] = {DType::kFloat32, {2}, std::vector<std::byte>(4)};
  CHECK(message_of<ConfigError>([&] { serialize_safetensors(file); }) ==
        "tensor 'a': expected 8 bytes for F32 [2], found 4");
  file.tensors = {{"__metadata__", {DType::kUInt8, {0}, {}}}};
  CHECK(message_of<ConfigError>([&] { serialize_safetensors(file); }) ==
        "tensor '__metadata__': expected another name, the format has taken this one");
  file.tensors.clear();
  file.metadata["x"] = "\xff";
  CHECK(message_of<ConfigError>([&] { serialize_safetensors(file); }) ==
        "safetensors header: expected text in UTF-8, found other bytes");
}

}  // namespace
}  // namespace impasto
