#include <impasto/image/image_io.h>
#include <impasto/infer/stylizer.h>

int main() {
  const auto stylizer = impasto::Stylizer::load("great_wave.safetensors", {.device = "auto"});
  const impasto::Image photo = impasto::read_image("harbour.jpg");
  impasto::write_image("harbour_wave.png", stylizer(photo));
}
