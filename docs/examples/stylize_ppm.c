/* Paints a picture with the C interface alone: PPM on standard input, PPM on standard output.
 *
 *     stylize_ppm great_wave.safetensors < harbour.ppm > harbour_wave.ppm
 *
 * Sides are at least 16; comments in the PPM file are not understood. */

#include <stdio.h>
#include <stdlib.h>

#include "impasto/engine/impasto.h"

static int fail(const char* message) {
  fprintf(stderr, "stylize_ppm: %s\n", message);
  return 1;
}

static int report(double done, void* user) {
  (void)user;
  fprintf(stderr, "\r%3.0f %%", 100 * done);
  return 1; /* 0 would stop the run */
}

/* The bytes of a picture of 8 bits a channel; NULL for what is none. */
static unsigned char* read_ppm(FILE* file, int* width, int* height) {
  int white = 0;
  if (fscanf(file, "P6 %d %d %d", width, height, &white) != 3 || fgetc(file) == EOF) return NULL;
  if (*width < 1 || *height < 1 || *width > 30000 || *height > 30000 || white != 255) return NULL;
  const size_t size = (size_t)*width * *height * 3;
  unsigned char* pixels = malloc(size);
  if (pixels != NULL && fread(pixels, 1, size, file) == size) return pixels;
  free(pixels);
  return NULL;
}

int main(int count, char** arguments) {
  if (count != 2) return fail("expected a style model");
  const impasto_options options = {.threads = 0, .precision = "auto", .isa = "auto"};
  impasto_engine* engine = impasto_load_file(arguments[1], &options);
  if (engine == NULL) return fail(impasto_last_error());

  int width = 0, height = 0;
  unsigned char* pixels = read_ppm(stdin, &width, &height);
  if (pixels == NULL) {
    impasto_free(engine);
    return fail("expected a PPM picture (P6, 8 bits) on standard input");
  }

  const size_t size = (size_t)width * height * 3;
  unsigned char* result = malloc(size);
  impasto_status status = impasto_run(engine, pixels, width, height, 3, result, NULL, report, NULL);
  fputc('\n', stderr);
  int failed = 0;
  if (status != IMPASTO_OK) {
    failed = fail(impasto_last_error());
  } else {
    printf("P6\n%d %d\n255\n", width, height);
    if (fwrite(result, 1, size, stdout) != size) failed = fail("cannot write the result");
  }
  free(result);
  free(pixels);
  impasto_free(engine);
  return failed;
}
