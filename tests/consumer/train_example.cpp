#include <impasto/image/image_folder.h>
#include <impasto/image/image_io.h>
#include <impasto/train/trainer.h>

#include <iostream>

int main() {
  const auto config = impasto::load_train_config("configs/train.json");
  const impasto::ImageFolder photos(config.data.path);
  const std::vector paintings = {impasto::read_image(config.style.images[0])};
  impasto::Trainer trainer(config, impasto::load_loss_network(config.loss.network), paintings);
  trainer.on_step([](const impasto::StepReport& report) {
    std::cout << report.step << " of " << report.total << ": loss " << report.loss << "\n";
    return impasto::Flow::kContinue;
  });
  trainer.fit(photos).save("great_wave.safetensors");
}
