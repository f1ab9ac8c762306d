// Files made to do harm: each is an error that names what was refused, and does nothing else.

#include <filesystem>

#include "impasto/base/error.h"
#include "impasto/interop/torch_checkpoint.h"
#include "interop/torch_files.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

std::string error_of(const std::string& bytes) {
  return message_of<FormatError>([&] { parse_torch_checkpoint(to_bytes(bytes), "x"); });
}

/// What the pickle has to be refused for, which must not depend on the file around it.
std::string error_in_pickle(const PickleWriter& pickle) {
  const std::string error = error_of(zip_checkpoint(pickle.bytes()));
  CHECK(error_of(legacy_checkpoint(pickle.bytes())) == error);
  return error;
}

std::string refused(const std::string& name) {
  return "x: pickle: refused '" + name +
         "': only tensors, strings, numbers and containers are read, and nothing was run; save the "
         "state_dict alone";
}

TEST_CASE("A call that a pickle asks for is refused by name and not made") {
  const TemporaryFolder folder;
  const std::string file = (folder / "made").string();
  CHECK(error_in_pickle(
            PickleWriter().global("posix", "system").raw("(").text("touch " + file).raw("tR")) ==
        refused("posix.system"));
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK(error_in_pickle(PickleWriter().global("builtins", "eval").raw("(").text("1").raw("tR")) ==
        refused("builtins.eval"));
  // Names near those that are known are not known.
  for (const char* name : {"FloatStorageX", "load", "_utils._rebuild_tensor_v2"}) {
    CHECK(error_in_pickle(PickleWriter().global("torch", name)) ==
          (std::string(name) == "_utils._rebuild_tensor_v2"
               ? "x: expected a state_dict, found no dict; save model.state_dict()"
               : refused("torch." + std::string(name))));
  }
}

TEST_CASE("STACK_GLOBAL is looked at like GLOBAL") {
  CHECK(error_in_pickle(PickleWriter().text("os").text("system").raw("\x93")) ==
        refused("os.system"));
  CHECK_THAT(error_in_pickle(PickleWriter().number(1).text("system").raw("\x93")),
             ContainsSubstring("expected a module's name, found something else"));
}

TEST_CASE("A name cannot fill the terminal") {
  CHECK(error_in_pickle(PickleWriter().global(std::string(100, 'a'), "b")) ==
        refused(std::string(80, 'a') + "..."));
}

TEST_CASE("REDUCE applies nothing but what makes tensors and dicts") {
  CHECK_THAT(error_in_pickle(PickleWriter().text("f").raw(")R")),
             ContainsSubstring("expected a known function to apply, found something else"));
  CHECK_THAT(error_in_pickle(PickleWriter().global("torch", "FloatStorage").raw(")R")),
             ContainsSubstring("expected a known function to apply"));
  CHECK_THAT(error_in_pickle(PickleWriter().global("torch._utils", "_rebuild_tensor_v2").raw("]R")),
             ContainsSubstring("expected a tuple of arguments"));
  CHECK_THAT(error_in_pickle(PickleWriter().global("torch._utils", "_rebuild_tensor_v2").raw(")R")),
             ContainsSubstring("damaged at byte"));
}

TEST_CASE("BUILD sets no object's state") {
  CHECK_THAT(error_in_pickle(PickleWriter().global("collections", "OrderedDict").raw("}b")),
             ContainsSubstring("refused to set an object's state (BUILD)"));
  CHECK_THAT(error_in_pickle(PickleWriter().raw("}]b")),
             ContainsSubstring("refused to set an object's state (BUILD)"));
}

TEST_CASE("Every other opcode is refused by number") {
  // INST, OBJ, NEWOBJ, NEWOBJ_EX, EXT1, PERSID, protocol 0's INT, DUP
  for (const std::string opcode : {"i", "o", "\x81", "\x92", "\x82", "P", "I", "2"}) {
    CHECK_THAT(error_in_pickle(PickleWriter().raw("(").raw(opcode)),
               ContainsSubstring("pickle: refused opcode 0x"));
  }
  CHECK_THAT(error_in_pickle(PickleWriter().raw("\x80\x01")),
             ContainsSubstring("expected protocol 2 to 5, found 1"));
}

TEST_CASE("A pickle that grows without end is stopped") {
  // A list of 1000 pairs, of which each three bytes make another dict.
  PickleWriter bomb;
  bomb.raw("](");
  for (int i = 0; i < 1000; ++i) bomb.raw("NN\x86");
  bomb.raw("e\x85q").raw(std::string(1, '\0')).global("collections", "OrderedDict").raw("q\1(");
  for (int i = 0; i < 2000; ++i) bomb.raw("h\1h").raw(std::string(1, '\0')).raw("R");
  CHECK(error_in_pickle(bomb) == "x: pickle: expected at most 1000000 values, found more");

  CHECK(error_in_pickle(PickleWriter().raw(std::string(1'000'001, '}'))) ==
        "x: pickle: expected at most 1000000 values, found more");
  CHECK_THAT(error_in_pickle(PickleWriter()
                                 .raw("(")
                                 .text("storage")
                                 .global("torch", "IntStorage")
                                 .text(std::string(65, 'k'))
                                 .text("cpu")
                                 .number(1)
                                 .raw("tQ")),
             ContainsSubstring("damaged at byte"));
}

TEST_CASE("Memory is not taken at a pickle's word") {
  CHECK(error_in_pickle(PickleWriter().raw("X").raw(bytes_of<std::uint32_t>(0xFFFFFFFF))) ==
        "x: pickle: ends in the middle of a value");
  // The memo's four billionth place costs no more than the first.
  CHECK(error_in_pickle(PickleWriter().raw("]r").raw(bytes_of<std::uint32_t>(0xFFFFFFFF))) ==
        "x: expected a state_dict, found no dict; save model.state_dict()");
  CHECK_THAT(error_in_pickle(PickleWriter().raw("j").raw(bytes_of<std::uint32_t>(5))),
             ContainsSubstring("damaged at byte"));
  CHECK(error_in_pickle(PickleWriter().raw("\x8a\xff").raw(std::string(255, '\x7f'))) ==
        "x: pickle: holds a number of 255 bytes");
}

TEST_CASE("Nesting and circles of any depth neither overflow the stack nor leak") {
  CHECK(error_in_pickle(
            PickleWriter().raw(std::string(900'000, ']')).raw(std::string(899'999, 'a'))) ==
        "x: expected a state_dict, found no dict; save model.state_dict()");
  CHECK(error_in_pickle(PickleWriter().raw(std::string(900'000, '('))) ==
        "x: pickle: damaged at byte 900003, opcode 0x2e");
  CHECK(error_in_pickle(PickleWriter().raw("}q\1").text("self").raw("h\1s")) ==
        "x: expected tensors by name, found none");
}

TEST_CASE("A stack that does not hold what an opcode takes is damage") {
  for (const std::string opcodes : {"a",
                                    "]a",
                                    "s",
                                    "}Ns",
                                    "t",
                                    "\x85",
                                    "R",
                                    "b",
                                    "Q",
                                    "e",
                                    "]e",
                                    "u",
                                    "]u",
                                    "(0",
                                    "1",
                                    "q\1",
                                    "}(N\x75",
                                    "](N\x61"}) {
    CHECK_THAT(error_in_pickle(PickleWriter().raw(opcodes)), ContainsSubstring("pickle: "));
  }
}

TEST_CASE("Views that share memory, each larger than the file, are refused") {
  PickleWriter pickle;
  pickle.raw("}");
  for (int i = 0; i < 100; ++i) {
    pickle.text("w" + std::to_string(i)).tensor("0", 6, 0, {100, 100}, {0, 0}).raw("s");
  }
  CHECK_THAT(error_in_pickle(pickle),
             ContainsSubstring("': the tensors up to here take more bytes than the file has"));
  PickleWriter huge;
  huge.raw("}").text("w").tensor(
      "0", 6, 0, {2'000'000'000, 2'000'000'000, 2'000'000'000}, {0, 0, 0});
  CHECK_THAT(error_in_pickle(huge.raw("s")),
             ContainsSubstring("tensor 'w': the tensors up to here take more bytes"));
}

TEST_CASE("Compressed entries are refused: they may become any size") {
  CHECK(error_of(ZipWriter()
                     .add({.name = "a/data.pkl",
                           .content = "xxxx",
                           .method = 8,
                           .claimed_size = 4'000'000'000})
                     .bytes()) ==
        "x: entry 'a/data.pkl' is compressed or encrypted, which torch.save never does; save the "
        "model again with torch.save");
}

TEST_CASE("Entries that overlap are refused: together they may become any size") {
  ZipWriter zip;
  zip.add({.name = "a/data.pkl", .content = std::string(4000, 'x')});
  for (int i = 0; i < 100; ++i) {
    zip.add({.name = "a/data/" + std::to_string(i), .content = "", .claimed_size = 4000});
  }
  CHECK_THAT(error_of(zip.bytes()), ContainsSubstring("the zip archive's entries overlap"));
}

TEST_CASE("Entries outside of the file, cut or changed ones are refused by name") {
  const std::string pickle = PickleWriter().raw("}").bytes();
  const auto error_with = [&](ZipWriter::Entry entry) {
    entry.name = "a/data.pkl";
    entry.content = pickle;
    return error_of(ZipWriter().add(entry).bytes());
  };
  CHECK(error_with({.offset_change = 1'000'000}) == "x: entry 'a/data.pkl' is damaged");
  CHECK(error_with({.offset_change = 3}) == "x: entry 'a/data.pkl' is damaged");
  CHECK(error_with({.checksum_flip = 1}) == "x: entry 'a/data.pkl' is damaged");
  CHECK_THAT(error_with({.claimed_size = 4'000'000'000}),
             ContainsSubstring("claim more bytes than the file's"));
  const std::string whole = zip_checkpoint(pickle);
  for (std::size_t size = 4; size < whole.size(); ++size) {
    CHECK(error_of(whole.substr(0, size)) != "nothing was thrown");
  }
}

TEST_CASE("Entries in several folders, or of one name, are refused") {
  CHECK(error_of(ZipWriter()
                     .add({.name = "a/data.pkl", .content = "x"})
                     .add({.name = "../../etc/passwd", .content = "x"})
                     .bytes()) ==
        "x: expected every entry in the folder 'a/', found '../../etc/passwd'");
  CHECK(error_of(ZipWriter()
                     .add({.name = "a/data.pkl", .content = "x"})
                     .add({.name = "a/data.pkl", .content = "y"})
                     .bytes()) == "x: entry 'a/data.pkl' stands twice");
}

}  // namespace
}  // namespace impasto
