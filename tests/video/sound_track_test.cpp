// Sound goes from film to film through the program `ffmpeg`, here one that the test writes: it
// notes how it was called.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "impasto/base/file.h"
#include "impasto/base/log.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/films.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  if (!fs::exists(path)) return "";
  const std::vector<std::byte> bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A folder that is all of PATH, with the warnings of what runs meanwhile.
class Machine {
 public:
  Machine() : path_before_(std::getenv("PATH")) {
    fs::create_directory(folder_ / "bin");
    setenv("PATH", (folder_ / "bin").c_str(), 1);
    set_log_sink([this](LogLevel, std::string_view message) { warnings_ += message; });
    write_film(folder_ / "silent.avi", 20);
    // FFmpeg leaves room in an AVI's header: for one of a sound track. (RIFF: four letters, then a
    // length.)
    std::string film = text_of(folder_ / "silent.avi");
    film.replace(film.find("JUNK") + 8, 12, std::string("strh\x38\0\0\0auds", 12));
    write_test_file(folder_ / "source.avi", film);
    fs::remove(folder_ / "silent.avi");
  }
  ~Machine() {
    setenv("PATH", path_before_.c_str(), 1);
    set_log_sink({});
  }

  // A program in the shell's own words alone, as PATH holds no other. Its last argument is $out.
  void install_ffmpeg(const std::string& body) {
    const std::string words = (folder_ / "words").string();
    write_test_file(folder_ / "bin/ffmpeg",
                    "#!/bin/sh\nfor out; do echo \"$out\" >> '" + words +
                        "'; done\nout=${out#file:}\n" + body + "\n");
    fs::permissions(folder_ / "bin/ffmpeg", fs::perms::owner_all);
  }

  // Writes a film of so many frames with the sound of one of 20.
  void write(int frames) {
    const auto film =
        create_video(folder_ / "film.avi", 64, 48, 25, {.sound_from = folder_ / "source.avi"});
    for (int i = 0; i < frames; ++i) film->write(film_frame(i));
    film->finish();
  }

  fs::path operator/(const std::string& name) const { return folder_ / name; }
  std::string words() const { return text_of(folder_ / "words"); }
  const std::string& warnings() const { return warnings_; }

  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }

 private:
  TemporaryFolder folder_;
  std::string path_before_;
  std::string warnings_;
};

TEST_CASE("the sound is copied by ffmpeg, whose film takes the name") {
  Machine machine;
  machine.install_ffmpeg("echo joined > \"$out\"");
  machine.write(20);
  CHECK(text_of(machine / "film.avi") == "joined\n");
  CHECK_THAT(machine.words(),
             ContainsSubstring("-map\n0:v:0\n-map\n1:a?\n-c:v\ncopy\n-c:a\ncopy\n") &&
                 ContainsSubstring("file:" + (machine / "source.avi").string() + "\n"));
  CHECK_THAT(machine.words(), !ContainsSubstring("\n-t\n"));
  CHECK(machine.warnings() == "");
  CHECK(machine.files() == 4);  // Both films, the program's folder, and its words.
}

TEST_CASE("a film that ends early takes no more sound than it has pictures") {
  Machine machine;
  machine.install_ffmpeg("echo joined > \"$out\"");
  machine.write(10);
  CHECK_THAT(machine.words(), ContainsSubstring("-t\n0.400000\n-i\nfile:"));
}

TEST_CASE("sound that the format does not hold as it is gets encoded") {
  Machine machine;
  machine.install_ffmpeg("case \"$*\" in *aac*) echo encoded > \"$out\";; *) exit 1;; esac");
  machine.write(20);
  CHECK(text_of(machine / "film.avi") == "encoded\n");
  CHECK(machine.warnings() == "");
}

TEST_CASE(
    "where ffmpeg fails or is absent the film is there without sound, and a warning says why") {
  Machine machine;
  const bool present = GENERATE(true, false);
  if (present) {
    machine.install_ffmpeg("echo half > \"$out\"; echo 'line 1' >&2; echo 'no room' >&2; exit 1");
  }
  machine.write(20);
  CHECK(read_frames(machine / "film.avi").size() == 20);
  CHECK_THAT(machine.warnings(),
             ContainsSubstring("film.avi: without the sound of ") &&
                 ContainsSubstring(present ? "ffmpeg: no room" : "ffmpeg is not installed"));
  CHECK(machine.files() == (present ? 4 : 3));
}

TEST_CASE("of a film that says it has no sound nothing is asked for or said") {
  Machine machine;
  machine.install_ffmpeg("echo joined > \"$out\"");
  const std::string name = GENERATE("a.avi", "a.mp4", "a.mkv", "a.mov");
  CAPTURE(name);
  write_film(machine / name, 5);
  const auto film = create_video(machine / "film.avi", 64, 48, 25, {.sound_from = machine / name});
  film->write(film_frame(0));
  film->finish();
  CHECK(machine.words() == "");
  CHECK(machine.warnings() == "");
}

}  // namespace
}  // namespace impasto
