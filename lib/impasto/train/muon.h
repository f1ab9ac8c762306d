#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>

namespace impasto {

/// The nearest matrices with orthonormal rows or columns, about: `matrices` [k,m,n] with every
/// singular value moved to between 0.7 and 1.2, by five Newton-Schulz steps with the quintic
/// polynomial of Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks".
/// Singular values below about a thousandth of the Frobenius norm stay smaller.
at::Tensor orthogonalized(const at::Tensor& matrices);

/// One step of Muon on the weights of k convolutions of one shape, each [out,in,kh,kw] taken as the
/// matrix [out, in kh kw]: `momentum` [k,out,in,kh,kw] follows the gradients, b <- 0.95 b + 0.05 g,
/// and the weights move by `rate` times sqrt(max(1, rows / columns)) against the orthogonalized
/// 0.05 g + 0.95 b. Every direction of a layer so moves at the same pace, those included that Adam
/// hardly sees. All k at once: one by one, their small products leave a GPU idle. `rate`, a scalar,
/// lies on the device.
void muon_step(at::TensorList weights, at::Tensor& momentum, const at::Tensor& rate);

}  // namespace impasto
