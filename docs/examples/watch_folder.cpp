// Paints every picture that is put into a folder, until Ctrl-C.
//
//     watch_folder great_wave.safetensors inbox/ painted/

#include <impasto/image/image_io.h>
#include <impasto/infer/stylizer.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <thread>

namespace fs = std::filesystem;

namespace {

volatile std::sig_atomic_t stopped = 0;

// What a file looked like when the folder was read last.
struct Seen {
  std::uintmax_t size = 0;
  fs::file_time_type written = {};
  bool painted = false;
};

// Whether the file has come to rest since the last look, and is not painted yet.
bool is_due(const fs::directory_entry& file, Seen& seen) {
  if (seen.size != file.file_size() || seen.written != file.last_write_time()) {
    seen = {.size = file.file_size(), .written = file.last_write_time()};
    return false;
  }
  return !seen.painted;
}

void paint(const impasto::Stylizer& stylizer, const fs::path& photo, const fs::path& result) {
  try {
    impasto::write_image(result, stylizer(impasto::read_image(photo)));
    std::cout << result.string() << std::endl;
  } catch (const impasto::Error& error) {
    std::cerr << error.what() << std::endl;  // The next picture may be better.
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "expected a style model, a folder to watch and a folder for the results\n";
    return 2;
  }
  std::signal(SIGINT, [](int) { stopped = 1; });
  try {
    const auto stylizer = impasto::Stylizer::load(arguments[1]);
    const fs::path inbox = arguments[2];
    const fs::path painted = arguments[3];
    fs::create_directories(painted);

    std::map<fs::path, Seen> files;
    while (!stopped) {
      for (const fs::directory_entry& file : fs::directory_iterator(inbox)) {
        if (stopped) break;
        if (!file.is_regular_file() || !impasto::is_picture_file(file.path())) continue;
        Seen& seen = files[file.path()];
        if (!is_due(file, seen)) continue;
        seen.painted = true;
        paint(stylizer, file.path(), painted / file.path().filename());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
