#include "impasto/base/plugin.h"

#include <filesystem>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/temporary_folder.h"

using namespace impasto;

TEST_CASE("a plugin that is missing or no library is an IoError with the system's reason") {
  const TemporaryFolder folder;
  const auto absent = folder / "libabsent.so.0";
  CHECK_THROWS_AS(load_plugin(absent), IoError);
  CHECK_THROWS_WITH(load_plugin(absent), ContainsSubstring(absent.string()));
  write_test_file(folder / "libtext.so.0", "no library");
  CHECK_THROWS_WITH(load_plugin(folder / "libtext.so.0"), ContainsSubstring("libtext.so.0"));
}

TEST_CASE("a plugin is looked for beside libimpasto_core, then by the system") {
  const auto library = beside_this_library(IMPASTO_CORE_LIBRARY);
  CHECK(library.is_absolute());
  CHECK(std::filesystem::exists(library));
  CHECK(beside_this_library("libabsent.so.0") == "libabsent.so.0");
}
