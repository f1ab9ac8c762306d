// write_random_model FILE: a small style model whose pictures have contrast.

#include "engine/random_model.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  random_model(small_config(), 1).save(argv[1]);
}
