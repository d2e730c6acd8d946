#include "pyprof/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

pp_code pp_error_set(pp_error *error, pp_code code, const char *format, ...) {
  if (error == NULL) return code;
  error->code = code;
  error->offset = 0;
  error->line = 0;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  return code;
}

pp_code pp_error_at(pp_error *error, pp_code code, uint64_t offset, uint64_t line,
                    const char *format, ...) {
  if (error == NULL) return code;
  error->code = code;
  error->offset = offset;
  error->line = line;
  int used = snprintf(error->message, sizeof error->message, "byte %llu (line %llu): ",
                      (unsigned long long)offset, (unsigned long long)line);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message + used, sizeof error->message - (size_t)used, format, arguments);
  va_end(arguments);
  return code;
}

pp_code pp_error_system(pp_error *error, const char *what, int number) {
  if (number == ENOMEM) return pp_error_memory(error);
  char reason[200];
  /* The GNU strerror_r: returns the text, which need not be in the buffer. */
  const char *text = strerror_r(number, reason, sizeof reason);
  if (what == NULL) return pp_error_set(error, PP_SYSTEM, "%s", text);
  return pp_error_set(error, PP_SYSTEM, "%s: %s", what, text);
}
