#include "impasto/base/folder_lock.h"

#include <optional>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

using namespace impasto;

TEST_CASE("A folder is one writer's until it is given back") {
  const TemporaryFolder folder;
  std::optional<FolderLock> first(std::in_place, folder / "", "a training");
  CHECK_THAT(message_of<IoError>([&] { FolderLock(folder / "", "a training"); }),
             ContainsSubstring("a training that is still running writes into it"));
  first.reset();
  CHECK_NOTHROW(FolderLock(folder / "", "a training"));
}

TEST_CASE("A folder that cannot be locked is named") {
  const TemporaryFolder folder;
  CHECK_THAT(message_of<IoError>([&] { FolderLock(folder / "absent", "a training"); }),
             ContainsSubstring("absent/.lock: cannot be locked: No such file"));
}
