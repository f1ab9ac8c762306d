#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "impasto/base/generator_config.h"
#include "impasto/base/safetensors.h"
#include "impasto/style/style_model.h"

namespace impasto {

/// The numbers that a network calls pixels, on both of its sides. Impasto's are kRgb255; the others
/// are folded into the first and the last convolution, which is exact.
enum class Pixels {
  kRgb255,    ///< RGB in [0,255].
  kBgr255,    ///< BGR in [0,255], as OpenCV reads pictures.
  kRgb1,      ///< RGB in [0,1].
  kImageNet,  ///< RGB in [0,1], minus torchvision's ImageNet mean, divided by its std.
};

/// What a file of weights cannot tell.
struct ImportOptions {
  std::string style = "style";        ///< Name of the style.
  std::optional<Pixels> pixels = {};  ///< None: what the program that the names are from uses.
  Output output = Output::kLinear;    ///< What follows the last convolution.
  int margin = 0;                     ///< See GeneratorConfig; 0: the other program's pictures.
};

/// A style model of another program, converted.
struct ImportedStyle {
  StyleModel model;    ///< In float32.
  std::string source;  ///< Whose names the file has: "pytorch/examples".
};

/// Makes a style model of the weights of another program's network: of pytorch/examples'
/// fast_neural_style, eriklindernoren/Fast-Neural-Style-Transfer,
/// rrmina/fast-neural-style-pytorch, or with Impasto's own tensor names. Width, number of residual
/// blocks, norm and kind of upsampling follow from names and shapes. Biases in front of an instance
/// norm, which do nothing, and the running statistics that instance norm had before PyTorch 0.4
/// are left out; in front of a batch norm a bias moves into the running mean.
///
/// Throws FormatError that starts with `where` and lists every tensor that is missing, not expected
/// or of another shape; ConfigError for `pixels` that cannot be combined with `output`.
ImportedStyle import_style(const TensorFile& file,
                           const std::string& where,
                           const ImportOptions& options = {});

/// The same from a file in the form of the ONNX model zoo's fast-neural-style models (opset 7 to
/// 10): recognised from the graph, whatever the names.
ImportedStyle import_onnx_style(const std::filesystem::path& path,
                                const ImportOptions& options = {});

/// Whether the tensors are those of torchvision's VGG16 or VGG19.
bool is_vgg(const TensorFile& file);

/// The loss network that `train` reads: the convolutions of torchvision's VGG16 or VGG19 with
/// `architecture`, and torchvision's `mean` and `std` unless the metadata has others. The
/// classifier is left out. Throws FormatError as import_style does.
TensorFile import_vgg(const TensorFile& file, const std::string& where);

/// A model of another program, converted.
struct ImportedFile {
  TensorFile file;          ///< A style model or a loss network.
  std::string description;  ///< "style 'wave' from pytorch/examples: 32 channels, ..."
};

/// Reads a torch.save, safetensors or ONNX file, told apart by what is in it, and does what fits of
/// the above. Throws IoError, FormatError and ConfigError.
ImportedFile import_file(const std::filesystem::path& path, const ImportOptions& options = {});

}  // namespace impasto
