#include "pyprof/kept_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files/read_file.h"
#include "pyprof/buffer.h"

void pp_kept_files_free(pp_kept_files *texts) {
  if (texts == NULL) return;
  for (size_t i = 0; i < texts->count; i++) {
    free(texts->texts[i].path);
    free(texts->texts[i].real);
    free(texts->texts[i].bytes);
    free(texts->texts[i].message);
  }
  free(texts->texts);
  free(texts);
}

/* Takes over the path. */
static bool add(pp_kept_files *texts, char *path) {
  size_t count = texts->count;
  if ((count & (count - 1)) == 0) { /* a power of two: full */
    pp_kept_file *grown = realloc(texts->texts, (count > 0 ? 2 * count : 1) * sizeof *grown);
    if (grown == NULL) {
      free(path);
      return false;
    }
    texts->texts = grown;
  }
  pp_kept_file *text = &texts->texts[texts->count++];
  *text = (pp_kept_file){ .path = path, .real = realpath(path, NULL) };
  if (text->real == NULL && errno == ENOMEM) return false;
  pp_buffer bytes = { 0 };
  pp_error error;
  pp_code code = pp_file_read(&bytes, path, 1, &error);
  if (code == PP_OK) {
    text->bytes = bytes.data;
    text->length = bytes.length;
    return true;
  }
  pp_buffer_free(&bytes);
  if (code == PP_MEMORY) return false;
  text->message = strdup(error.message);
  return text->message != NULL;
}

pp_code pp_kept_files_new(const char *const *paths, size_t count, const pp_files_options *options,
                          const pp_control *control, pp_kept_files **texts, pp_error *error) {
  pp_files *files;
  pp_code code = pp_files_new(paths, count, options, &files, error);
  if (code != PP_OK) return code;
  pp_kept_files *made = calloc(1, sizeof *made);
  if (made == NULL) code = pp_error_memory(error);
  while (code == PP_OK) {
    char *path;
    if (pp_control_cancelled(control)) code = pp_error_set(error, PP_CANCELLED, "interrupted");
    else code = pp_files_next(files, &path, error);
    if (code != PP_OK || path == NULL) break;
    if (!add(made, path)) code = pp_error_memory(error);
  }
  pp_files_free(files);
  if (code == PP_OK) *texts = made;
  else pp_kept_files_free(made);
  return code;
}

const pp_kept_file *pp_kept_files_find(const pp_kept_files *texts, const char *path) {
  for (size_t i = 0; i < texts->count; i++) {
    const pp_kept_file *text = &texts->texts[i];
    if (strcmp(text->path, path) == 0 || (text->real != NULL && strcmp(text->real, path) == 0)) {
      return text;
    }
  }
  return NULL;
}
