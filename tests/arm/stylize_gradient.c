/* stylize_gradient MODEL RESULT [EXPECTED]
 *
 * Stylizes a picture of smooth colours in float32 and writes the bytes to RESULT. With EXPECTED,
 * the bytes that another machine wrote, fails where one differs by more than rounding. */

#include <stdio.h>
#include <stdlib.h>

#include "impasto/engine/impasto.h"

enum { kWidth = 61, kHeight = 38, kBytes = kWidth * kHeight * 3 };

static int fail(const char* what) {
  fprintf(stderr, "%s\n", what);
  return 1;
}

int main(int argc, char** argv) {
  static uint8_t pixels[kBytes], result[kBytes], expected[kBytes];
  impasto_options options = {2, "float32", "auto"};
  impasto_engine* engine;
  FILE* file;
  int i;
  if (argc < 3) return fail("usage: stylize_gradient MODEL RESULT [EXPECTED]");
  for (i = 0; i < kBytes; ++i) {
    const int x = i / 3 % kWidth, y = i / 3 / kWidth;
    pixels[i] = (uint8_t)(i % 3 == 0 ? 4 * x : i % 3 == 1 ? 6 * y : 2 * (x + y));
  }
  engine = impasto_load_file(argv[1], &options);
  if (engine == NULL) return fail(impasto_last_error());
  if (impasto_run(engine, pixels, kWidth, kHeight, 3, result, NULL, NULL, NULL) != IMPASTO_OK) {
    return fail(impasto_last_error());
  }
  impasto_free(engine);

  file = fopen(argv[2], "wb");
  if (file == NULL || fwrite(result, 1, kBytes, file) != kBytes || fclose(file) != 0) {
    return fail("cannot write the result");
  }
  if (argc == 3) return 0;
  file = fopen(argv[3], "rb");
  if (file == NULL || fread(expected, 1, kBytes, file) != kBytes) {
    return fail("cannot read what is expected");
  }
  fclose(file);
  for (i = 0; i < kBytes; ++i) {
    if (abs(result[i] - expected[i]) <= 1) continue;
    fprintf(stderr, "byte %d: expected %d, found %d\n", i, expected[i], result[i]);
    return 1;
  }
  return 0;
}
