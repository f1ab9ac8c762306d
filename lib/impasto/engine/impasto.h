#ifndef IMPASTO_ENGINE_IMPASTO_H
#define IMPASTO_ENGINE_IMPASTO_H

/** @file
 * The CPU engine for programs in C, and in whatever can call C.
 *
 *     impasto_engine* engine = impasto_load_file("great_wave.safetensors", NULL);
 *     if (engine == NULL) { fprintf(stderr, "%s\n", impasto_last_error()); return 1; }
 *     impasto_run(engine, pixels, width, height, 3, result, NULL, NULL, NULL);
 *     impasto_free(engine);
 *
 * An engine may be used by several threads at once, except for impasto_free. No exception leaves
 * these functions. */

#include <stddef.h>
#include <stdint.h>

/** Marks what the library exports. */
#if defined(_WIN32)
#define IMPASTO_API __declspec(dllexport)
#else
#define IMPASTO_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** A loaded style model, ready to run. */
typedef struct impasto_engine impasto_engine;

/** What a function came to. */
typedef enum impasto_status {
  IMPASTO_OK = 0,        /**< done */
  IMPASTO_INVALID = 1,   /**< an argument or option that makes no sense */
  IMPASTO_IO = 2,        /**< a file that cannot be read */
  IMPASTO_FORMAT = 3,    /**< a file that is no style model */
  IMPASTO_CANCELLED = 4, /**< the progress function said so */
  IMPASTO_FAILED = 5     /**< anything else, such as no memory left */
} impasto_status;

/** How a model is to run. All zeros are the defaults. */
typedef struct impasto_options {
  int threads;           /**< the caller's included; 0: one a core */
  const char* precision; /**< "auto", "float32" or "bfloat16"; NULL: "auto" */
  const char* isa;       /**< "auto", "portable", "avx2", "avx512" or "amx"; NULL: "auto" */
} impasto_options;

/** Told how much is done, from 0 to 1, on the thread that called impasto_run. 0 stops the run. */
typedef int (*impasto_progress)(double done, void* user);

/** Reads a style model file. NULL after an error. `options` may be NULL. */
IMPASTO_API impasto_engine* impasto_load_file(const char* path, const impasto_options* options);
/** The same from the `size` bytes of such a file, which are not needed afterwards. */
IMPASTO_API impasto_engine* impasto_load_memory(const void* data,
                                                size_t size,
                                                const impasto_options* options);

/** Gives everything back. NULL is fine. */
IMPASTO_API void impasto_free(impasto_engine* engine);

/** Number of styles in the model, at least 1; 0 for NULL. */
IMPASTO_API int impasto_style_count(const impasto_engine* engine);

/** Name of style `index`, from 0. NULL for an index that is not a style. Lives as long as the
 * engine. */
IMPASTO_API const char* impasto_style_name(const impasto_engine* engine, int index);

/** Plans and reserves memory for a picture size ahead of the first run; not needed. */
IMPASTO_API impasto_status impasto_plan(impasto_engine* engine, int width, int height);

/** Restyles a picture. `pixels` is [height][width][channels], 8 bits a channel, RGB or RGBA (alpha
 * is not read), sides at least 16; `result` receives [height][width][3]. `style_weights` has one
 * weight a style; NULL: the first style alone. `progress` may be NULL; `user` is passed on to it.
 */
IMPASTO_API impasto_status impasto_run(impasto_engine* engine,
                                       const uint8_t* pixels,
                                       int width,
                                       int height,
                                       int channels,
                                       uint8_t* result,
                                       const float* style_weights,
                                       impasto_progress progress,
                                       void* user);

/** One sentence about the last error on this thread; "" before the first. Lives until the next call
 * on the thread. */
IMPASTO_API const char* impasto_last_error(void);

/** What kind of error that was, also where a function has returned NULL; IMPASTO_OK before the
 * first. */
IMPASTO_API impasto_status impasto_last_status(void);

/** The library's version: "0.1.0". */
IMPASTO_API const char* impasto_version(void);

#ifdef __cplusplus
}
#endif

#endif
