#include "impasto/interop/network_names.h"

#include <array>

namespace impasto {
namespace {

std::string numbered(const std::string& before, int number, const std::string& after = "") {
  return before + std::to_string(number) + after;
}

/// https://github.com/pytorch/examples/tree/main/fast_neural_style: convN, inN, resN, deconvN.
std::vector<ModuleName> examples_modules(int blocks) {
  std::vector<ModuleName> names;
  for (int i = 0; i < 3; ++i) {
    names.push_back({numbered("encoder.", i, ".conv"), numbered("conv", i + 1, ".conv2d")});
    names.push_back({numbered("encoder.", i, ".norm"), numbered("in", i + 1)});
  }
  for (int i = 0; i < blocks; ++i) {
    const std::string ours = numbered("residual.", i), theirs = numbered("res", i + 1);
    for (int k = 1; k <= 2; ++k) {
      names.push_back({ours + numbered(".conv", k), theirs + numbered(".conv", k, ".conv2d")});
      names.push_back({ours + numbered(".norm", k), theirs + numbered(".in", k)});
    }
  }
  for (int i = 0; i < 2; ++i) {
    names.push_back({numbered("decoder.", i, ".conv"), numbered("deconv", i + 1, ".conv2d")});
    names.push_back({numbered("decoder.", i, ".norm"), numbered("in", i + 4)});
  }
  names.push_back({"output.conv", "deconv3.conv2d"});
  return names;
}

/// A `block.1` (convolution behind its padding) and a `norm` in each ConvBlock; `conv`, `res` and
/// `deconv` give the names of these.
template <class Conv, class Residual, class Deconv>
std::vector<ModuleName> conv_block_modules(int blocks,
                                           const Conv& conv,
                                           const Residual& residual,
                                           const Deconv& deconv) {
  std::vector<ModuleName> names;
  const auto add =
      [&](const std::string& ours, const std::string& number, const std::string& theirs) {
        names.push_back({ours + ".conv" + number, theirs + ".block.1"});
        names.push_back({ours + ".norm" + number, theirs + ".norm"});
      };
  for (int i = 0; i < 3; ++i) add(numbered("encoder.", i), "", conv(i));
  for (int i = 0; i < blocks; ++i) {
    for (int k = 0; k < 2; ++k) {
      add(numbered("residual.", i), std::to_string(k + 1), residual(i) + numbered(".block.", k));
    }
  }
  for (int i = 0; i < 2; ++i) add(numbered("decoder.", i), "", deconv(i));
  names.push_back({"output.conv", deconv(2) + ".block.1"});
  return names;
}

/// https://github.com/eriklindernoren/Fast-Neural-Style-Transfer: one Sequential of ConvBlocks.
std::vector<ModuleName> sequential_modules(int blocks) {
  return conv_block_modules(
      blocks,
      [](int i) { return numbered("model.", i); },
      [](int i) { return numbered("model.", 3 + i); },
      [blocks](int i) { return numbered("model.", 3 + blocks + i); });
}

/// The same blocks with names in place of numbers.
std::vector<ModuleName> named_block_modules(int blocks) {
  return conv_block_modules(
      blocks,
      [](int i) { return numbered("conv", i + 1); },
      [](int i) { return numbered("res", i + 1); },
      [](int i) { return numbered("deconv", i + 1); });
}

/// https://github.com/rrmina/fast-neural-style-pytorch: Sequentials in which ReLUs count too.
std::vector<ModuleName> three_block_modules(int blocks) {
  std::vector<ModuleName> names;
  const auto add = [&](const std::string& ours,
                       const std::string& number,
                       const std::string& theirs,
                       const std::string& conv) {
    names.push_back({ours + ".conv" + number, theirs + conv});
    names.push_back({ours + ".norm" + number, theirs + ".norm_layer"});
  };
  for (int i = 0; i < 3; ++i) {
    add(numbered("encoder.", i), "", numbered("ConvBlock.", 2 * i), ".conv_layer");
  }
  for (int i = 0; i < blocks; ++i) {
    for (int k = 1; k <= 2; ++k) {
      add(numbered("residual.", i),
          std::to_string(k),
          numbered("ResidualBlock.", i, numbered(".conv", k)),
          ".conv_layer");
    }
  }
  for (int i = 0; i < 2; ++i) {
    add(numbered("decoder.", i), "", numbered("DeconvBlock.", 2 * i), ".conv_transpose");
  }
  names.push_back({"output.conv", "DeconvBlock.4.conv_layer"});
  return names;
}

std::vector<ModuleName> own_modules(int blocks) {
  std::vector<ModuleName> names = examples_modules(blocks);
  for (ModuleName& name : names) name.theirs = name.ours;
  return names;
}

const std::array<Dialect, 5>& known() {
  static const std::array<Dialect, 5> dialects = {{
      {"pytorch/examples", Pixels::kRgb255, examples_modules},
      {"eriklindernoren/Fast-Neural-Style-Transfer", Pixels::kImageNet, sequential_modules},
      {"eriklindernoren/Fast-Neural-Style-Transfer", Pixels::kImageNet, named_block_modules},
      {"rrmina/fast-neural-style-pytorch", Pixels::kBgr255, three_block_modules},
      {"Impasto", Pixels::kRgb255, own_modules},
  }};
  return dialects;
}

}  // namespace

std::span<const Dialect> dialects() { return known(); }

const Dialect& examples_dialect() { return known()[0]; }

}  // namespace impasto
