#include "recording/label.h"

#include <string.h>

typedef struct text {
  const char *at, *end;
} text;

static bool take(text *t, const char *words) {
  size_t length = strlen(words);
  if ((size_t)(t->end - t->at) < length || memcmp(t->at, words, length) != 0) return false;
  t->at += length;
  return true;
}

/* Takes a decimal number, or a hexadecimal one behind 0x: thread identifiers come as both. */
static bool take_id(text *t, int64_t *id) {
  text was = *t;
  unsigned base = take(t, "0x") ? 16 : 10;
  uint64_t value = 0;
  const char *first = t->at;
  for (; t->at < t->end; t->at++) {
    char c = *t->at;
    unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                     : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                     : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                            : 16;
    if (digit >= base) break;
    if (value > ((uint64_t)INT64_MAX - digit) / base) {
      *t = was;
      return false;
    }
    value = value * base + digit;
  }
  if (t->at == first) {
    *t = was;
    return false;
  }
  *id = (int64_t)value;
  return true;
}

static void set_name(pp_label *label, text t) {
  label->name = t.at;
  label->name_length = (size_t)(t.end - t.at);
}

pp_marker pp_label_marker(const char *name, size_t length, pp_label *label) {
  text t = {name, name + length};
  *label = (pp_label){.id = -1, .pid = -1};
  if (take(&t, "process ")) {
    if (!take_id(&t, &label->pid) || !take(&t, ":\"")) return PP_NO_MARKER;
    if (t.at == t.end || t.end[-1] != '"') return PP_NO_MARKER;
    label->command = t.at;
    label->command_length = (size_t)(t.end - t.at) - 1;
    return PP_PROCESS_MARKER;
  }
  if (take(&t, "tid:")) { /* Tachyon writes it in folded text */
    return take_id(&t, &label->id) && t.at == t.end ? PP_THREAD_MARKER : PP_NO_MARKER;
  }
  if (!take(&t, "thread (") || !take_id(&t, &label->id) || !take(&t, ")")) return PP_NO_MARKER;
  if (t.at == t.end) return PP_THREAD_MARKER;
  if (!take(&t, ": ")) return PP_NO_MARKER;
  set_name(label, t);
  return PP_THREAD_MARKER;
}

/* `Thread T "name"`; quotes are not escaped, so the name is from the first quote to the last. */
static bool py_spy(text t, pp_label *label) {
  int64_t pid = -1, id;
  if (take(&t, "Process ") && (!take_id(&t, &pid) || !take(&t, " "))) return false;
  if (!take(&t, "Thread ") || !take_id(&t, &id) || !take(&t, " \"")) return false;
  if (t.at == t.end || t.end[-1] != '"') return false;
  t.end--;
  set_name(label, t);
  label->pid = pid;
  label->id = id;
  return true;
}

/* `CPU time profile for PID:THREAD` or `…PID:INTERPRETER:THREAD`. */
static bool austin(text t, pp_label *label) {
  static const char *const kinds[] = {"CPU time", "Wall time", "Memory allocation",
                                      "Memory deallocation"};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    text rest = t;
    if (!take(&rest, kinds[i]) || !take(&rest, " profile for ")) continue;
    label->kind = t.at;
    label->kind_length = strlen(kinds[i]);
    set_name(label, rest);
    text ids = rest;
    if (!take_id(&ids, &label->pid) || !take(&ids, ":")) {
      label->pid = -1;
      return true;
    }
    const char *colon = memchr(ids.at, ':', (size_t)(ids.end - ids.at));
    if (colon != NULL) ids.at = colon + 1;
    set_name(label, ids);
    if (take_id(&ids, &label->id) && ids.at == ids.end) label->name_length = 0;
    else label->id = -1;
    return true;
  }
  return false;
}

void pp_label_profile(const char *name, size_t length, pp_label *label) {
  text t = {name, name + length};
  *label = (pp_label){.id = -1, .pid = -1};
  if (py_spy(t, label) || austin(t, label)) return;
  set_name(label, t);
  /* memray's two profiles have all threads together; their names are kinds of the metric. */
  bool memory = length == 6 && memcmp(name, "Memory", 6) == 0;
  bool allocations = length == 11 && memcmp(name, "Allocations", 11) == 0;
  if (!memory && !allocations) return;
  label->kind = name;
  label->kind_length = length;
  label->name_length = 0;
}
