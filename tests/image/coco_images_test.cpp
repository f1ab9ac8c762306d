#include "impasto/image/coco_images.h"

#include <fstream>
#include <string>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

class CocoFolder {
 public:
  explicit CocoFolder(const std::string& json) {
    fs::create_directories(photos());
    fs::copy_file(golden_picture("rgb.png"), photos() / "b.png");
    std::ofstream(annotations()) << json;
  }

  fs::path photos() const { return folder_ / "photos"; }
  fs::path annotations() const { return folder_ / "instances.json"; }
  CocoImages open() const { return CocoImages(photos(), annotations()); }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("the listed pictures are numbered in the file's order") {
  const CocoFolder coco(R"({
    "info": {"file_name": "no.png", "images": []},
    "licenses": [{"id": 1, "name": "x"}],
    "images": [{"id": 7, "width": 32, "height": 16, "file_name": "b.png", "extra": {"a": [1, 2]}},
               {"file_name": "sub/a.png", "id": 3}],
    "annotations": [{"segmentation": [[1.5, 2.5]], "image_id": 7, "images": "no"}],
    "categories": []})");
  const CocoImages images = coco.open();
  REQUIRE(images.size() == 2);
  CHECK(images.name(0) == (coco.photos() / "b.png").string());
  CHECK(images.name(1) == (coco.photos() / "sub/a.png").string());
  CHECK(images.load(0).width() == 32);
  // Listed, but not there: it counts when it is loaded.
  CHECK_THROWS_AS(images.load(1), IoError);
}

TEST_CASE("a file that is not COCO's is a FormatError that says what is missing") {
  const auto message = [](const std::string& json) -> std::string {
    try {
      CocoFolder(json).open();
    } catch (const FormatError& error) {
      return error.what();
    }
    return "no FormatError";
  };
  CHECK_THAT(message("{"), ContainsSubstring("instances.json: not a JSON file"));
  CHECK_THAT(message("[]"),
             ContainsSubstring("expected a COCO annotation file with a list 'images'"));
  CHECK_THAT(message("{}"),
             ContainsSubstring("expected a COCO annotation file with a list 'images'"));
  CHECK_THAT(message(R"({"images": {}})"), ContainsSubstring("with a list 'images'"));
  CHECK_THAT(message(R"({"images": []})"), ContainsSubstring("found an empty list 'images'"));
  CHECK_THAT(message(R"({"images": [{"file_name": "b.png"}, {"id": 1}]})"),
             ContainsSubstring("images[1].file_name: expected a text"));
  CHECK_THAT(message(R"({"images": [{"file_name": 5}]})"),
             ContainsSubstring("images[0].file_name: expected a text"));
  CHECK_THAT(message(R"({"images": ["b.png"]})"),
             ContainsSubstring("images[0].file_name: expected a text"));
}

TEST_CASE("a name that leads out of the folder is refused") {
  const std::string name = GENERATE("../secret.png", "/etc/b.png", "sub/../../b.png", "");
  CAPTURE(name);
  const CocoFolder coco(R"({"images": [{"file_name": ")" + name + "\"}]}");
  CHECK_THROWS_AS(coco.open(), FormatError);
  CHECK_THROWS_WITH(coco.open(),
                    ContainsSubstring("images[0].file_name: expected a path inside the picture "
                                      "folder, found '" +
                                      name + "'"));
}

TEST_CASE("a folder that holds none of the pictures is an IoError") {
  const CocoFolder coco(R"({"images": [{"file_name": "x.png"}, {"file_name": "y.png"}]})");
  CHECK_THROWS_AS(coco.open(), IoError);
  CHECK_THROWS_WITH(coco.open(), ContainsSubstring("holds none of the 2 pictures"));
}

TEST_CASE("missing paths are IoErrors that name them") {
  const CocoFolder coco(R"({"images": [{"file_name": "b.png"}]})");
  CHECK_THROWS_WITH(CocoImages(coco.photos(), "absent.json"), ContainsSubstring("absent.json"));
  CHECK_THROWS_WITH(CocoImages("absent", coco.annotations()),
                    ContainsSubstring("absent: expected the folder of the pictures"));
}
