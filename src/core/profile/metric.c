#include "profile/metric.h"

#include <string.h>

bool pp_metric_text(const pp_intern *strings, pp_metric metric, pp_buffer *text) {
  size_t length;
  const char *kind = pp_intern_text(strings, metric.kind, &length);
  const char *unit = pp_unit_name(metric.unit);
  if (!pp_buffer_add(text, unit, strlen(unit))) return false;
  return length == 0 || (pp_buffer_add_byte(text, ' ') && pp_buffer_add(text, kind, length));
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(const char *a, size_t a_length, const char *b, size_t b_length) {
  if (a_length != b_length) return false;
  for (size_t i = 0; i < a_length; i++) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

static bool holds(const char *text, size_t length, const char *part, size_t part_length) {
  for (size_t i = 0; i + part_length <= length; i++) {
    if (same(text + i, part_length, part, part_length)) return true;
  }
  return false;
}

/* Does the name fit the metric? 3: it is all of it, 2: the unit or the kind, 1: a part, 0: no. */
static int fit(const pp_buffer *text, size_t unit_length, const char *name, size_t length) {
  if (same(text->data, text->length, name, length)) return 3;
  if (same(text->data, unit_length, name, length)) return 2;
  size_t kind = unit_length + 1;
  if (kind < text->length && same(text->data + kind, text->length - kind, name, length)) return 2;
  return length > 0 && holds(text->data, text->length, name, length) ? 1 : 0;
}

static pp_code refuse(const pp_intern *strings, const pp_metric *metrics, uint32_t count,
                      const char *name, bool several, pp_error *error) {
  pp_buffer list = {0};
  bool ok = true;
  for (uint32_t i = 0; ok && i < count; i++) {
    if (i > 0) ok = pp_buffer_add(&list, ", ", 2);
    ok = ok && pp_metric_text(strings, metrics[i], &list);
  }
  ok = ok && pp_buffer_add_byte(&list, 0);
  pp_code code = !ok ? pp_error_memory(error)
                     : pp_error_set(error, PP_ARGUMENT,
                                    several ? "metric '%s' is ambiguous (there are: %s)"
                                            : "no metric '%s' (there are: %s)",
                                    name, list.data);
  pp_buffer_free(&list);
  return code;
}

pp_code pp_metric_find(const pp_intern *strings, const pp_metric *metrics, uint32_t count,
                       const char *name, uint32_t *index, pp_error *error) {
  int best = 0;
  uint32_t alike = 0;
  pp_buffer text = {0};
  for (uint32_t i = 0; i < count; i++) {
    text.length = 0;
    if (!pp_metric_text(strings, metrics[i], &text)) {
      pp_buffer_free(&text);
      return pp_error_memory(error);
    }
    int found = fit(&text, strlen(pp_unit_name(metrics[i].unit)), name, strlen(name));
    if (found > best) {
      best = found;
      alike = 0;
      *index = i;
    }
    if (found == best) alike++;
  }
  pp_buffer_free(&text);
  if (best > 0 && alike == 1) return PP_OK;
  return refuse(strings, metrics, count, name, best > 0, error);
}
