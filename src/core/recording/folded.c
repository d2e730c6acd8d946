#include "recording/folded.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "input/number.h"
#include "pyprof/buffer.h"
#include "pyprof/utf8.h"

#define BLOCK PP_BLOCK(128 * 1024)
#define MOST_SAMPLES ((uint64_t)1 << 48)

typedef struct reader {
  pp_raw *raw;
  pp_error *error;
  pp_code code;
  pp_intern *texts;   /* the texts of frames; their numbers are those of the raw frames */
  pp_buffer window;   /* the unread text is here, from `at` on */
  size_t at;
  uint64_t offset, line; /* of `at` */
  uint64_t stacks, skipped;
  uint64_t others, other_offset, other_line; /* lines that are neither stacks nor comments: their
                                                number and the first one's place */
  bool austin; /* each line is one sample, and its number a weight */
  uint64_t samples;
  locale_t c; /* for numbers */
} reader;

static bool no_memory(reader *r) {
  if (r->code == PP_OK) r->code = pp_error_memory(r->error);
  return false;
}

/* Cuts the text at the last `by` and gives the number behind it; false: that is no number. */
static bool cut_number(const char *text, size_t *length, char by, uint64_t *number) {
  size_t at = *length;
  while (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9') at--;
  if (at == *length || *length - at > 18 || at == 0 || text[at - 1] != by) return false;
  *number = 0;
  for (size_t i = at; i < *length; i++) *number = *number * 10 + (uint64_t)(text[i] - '0');
  *length = at - 1;
  return true;
}

/* The same for a number of any form; it must not be negative. */
static bool cut_weight(const reader *r, const char *text, size_t *length, double *weight) {
  size_t at = *length;
  while (at > 0 && text[at - 1] != ' ' && text[at - 1] != '\t') at--;
  char copy[64];
  size_t count = *length - at;
  if (at == 0 || count == 0 || count >= sizeof copy) return false;
  memcpy(copy, text + at, count);
  copy[count] = 0;
  pp_number number;
  if (pp_number_scan(copy, &number) != copy + count || number.negative) return false;
  *weight = pp_number_value(&number, r->c);
  *length = at - 1;
  return isfinite(*weight);
}

static bool add_strings(reader *r, pp_frame *frame, const char *name, size_t name_length,
                        const char *file, size_t file_length) {
  frame->name = pp_raw_string(r->raw, name, name_length);
  frame->file = pp_raw_string(r->raw, file, file_length);
  return frame->name != PP_INTERN_NONE && frame->file != PP_INTERN_NONE;
}

static bool ends_with(const char *text, size_t length, const char *end) {
  size_t ends = strlen(end);
  return length > ends && memcmp(text + length - ends, end, ends) == 0;
}

/* `name (file:12)` or, without lines, `name (file.py)`, as py-spy writes it. */
static bool py_spy_frame(reader *r, const char *text, size_t length, pp_frame *frame) {
  if (length < 5 || text[length - 1] != ')') return false;
  size_t open = length - 1;
  while (open > 1 && !(text[open - 1] == ' ' && text[open] == '(')) open--;
  if (open <= 1) return false;
  const char *file = text + open + 1;
  size_t file_length = length - open - 2;
  uint64_t number;
  if (cut_number(file, &file_length, ':', &number)) {
    /* " (:0)" means no place; it follows a name that itself looks like a name with a place. */
    if (number > UINT32_MAX || (file_length == 0 && number != 0)) return false;
    frame->line = (uint32_t)number;
  } else if (!ends_with(file, file_length, ".py")) {
    return false;
  }
  return add_strings(r, frame, text, open - 1, file, file_length);
}

/* `file.py:name:12`, as austin and Tachyon write it. */
static bool austin_frame(reader *r, const char *text, size_t length, pp_frame *frame) {
  uint64_t number;
  if (!cut_number(text, &length, ':', &number) || number > UINT32_MAX) return false;
  size_t name = length;
  while (name > 0 && text[name - 1] != ':') name--;
  if (name < 2 || name == length) return false;
  size_t file_length = name - 1;
  bool is_file = ends_with(text, file_length, ".py") || ends_with(text, file_length, ">") ||
                 memchr(text, '/', file_length) != NULL;
  frame->line = (uint32_t)number;
  return is_file && add_strings(r, frame, text + name, length - name, text, file_length);
}

/* The number of the raw frame with this text. */
static bool frame_of(reader *r, const char *text, size_t length, uint32_t *number) {
  uint32_t known = pp_intern_count(r->texts);
  *number = pp_intern_add(r->texts, text, length);
  if (*number == PP_INTERN_NONE) return no_memory(r);
  if (*number < known) return true;
  pp_frame frame = {0};
  if (!py_spy_frame(r, text, length, &frame)) {
    frame = (pp_frame){0};
    if (!austin_frame(r, text, length, &frame)) {
      frame = (pp_frame){0};
      if (!add_strings(r, &frame, text, length, "", 0)) return no_memory(r);
    }
  }
  return pp_raw_add_frame(r->raw, frame) || no_memory(r);
}

/* The length of the first frame of the text. It ends at a ';', but the command line in py-spy's
 * process marker may contain one. */
static size_t frame_length(const char *text, size_t length) {
  const char *end = memchr(text, ';', length);
  if (length > 8 && memcmp(text, "process ", 8) == 0) {
    size_t at = 8;
    while (at < length && text[at] >= '0' && text[at] <= '9') at++;
    bool marker = at > 8 && length - at > 2 && text[at] == ':' && text[at + 1] == '"';
    const char *quote = marker ? memmem(text + at + 2, length - at - 2, "\";", 2) : NULL;
    if (quote != NULL) end = quote + 1;
  }
  return end != NULL ? (size_t)(end - text) : length;
}

/* austin begins its lines with `P12;T0:34` or `P12;T34`. Writes these parts as our markers. */
static size_t austin_marker(const char *text, size_t length, int part, char to[64]) {
  char first = part == 0 ? 'P' : 'T';
  if (part > 1 || length < 2 || text[0] != first) return 0;
  const char *colon = part == 1 ? memchr(text, ':', length) : NULL;
  const char *id = colon != NULL ? colon + 1 : text + 1;
  int id_length = (int)(text + length - id);
  if (id_length < 1 || id_length > 20) return 0;
  int used = part == 0 ? snprintf(to, 64, "process %.*s:\"\"", id_length, id)
                       : snprintf(to, 64, "thread (%.*s)", id_length, id);
  return (size_t)used;
}

/* Reads the comments that austin writes before its stacks. */
static bool read_header(reader *r, const char *text, size_t length) {
  static const struct {
    const char *line, *kind;
    pp_unit unit;
  } modes[] = {{"# mode: wall", "Wall time", PP_UNIT_MICROSECONDS},
               {"# mode: cpu", "CPU time", PP_UNIT_MICROSECONDS},
               {"# mode: full", "Wall time", PP_UNIT_MICROSECONDS},
               {"# mode: memory", "Memory allocation", PP_UNIT_BYTES}};
  if (length > 10 && memcmp(text, "# austin: ", 10) == 0) r->austin = true;
  for (size_t i = 0; r->austin && r->stacks == 0 && i < sizeof modes / sizeof modes[0]; i++) {
    if (strlen(modes[i].line) != length || memcmp(text, modes[i].line, length) != 0) continue;
    pp_raw_profile *profile = &r->raw->profiles[0];
    profile->unit = modes[i].unit;
    profile->kind = pp_raw_string(r->raw, modes[i].kind, strlen(modes[i].kind));
    if (profile->kind == PP_INTERN_NONE) return no_memory(r);
  }
  r->skipped++;
  return true;
}

/* In full mode a line ends in three numbers: time, idle, memory. We take the first. */
static void cut_austin_rest(const char *text, size_t *length) {
  const char *space = memrchr(text, ' ', *length);
  if (space == NULL) return;
  const char *comma = memchr(space, ',', (size_t)(text + *length - space));
  if (comma != NULL) *length = (size_t)(comma - text);
}

static bool add_stack(reader *r, const char *text, size_t length, uint64_t count,
                      double weight) {
  pp_node node = PP_NODE_ROOT;
  bool more = length > 0; /* py-spy writes " 1" for an empty stack */
  for (int i = 0; more; i++) {
    size_t part = frame_length(text, length);
    uint32_t frame;
    char marker[64];
    size_t is_marker = r->austin ? austin_marker(text, part, i, marker) : 0;
    bool ok = is_marker > 0 ? frame_of(r, marker, is_marker, &frame)
                            : frame_of(r, text, part, &frame);
    if (!ok) return false;
    node = pp_tree_child(&r->raw->base->tree, node, frame);
    if (node == PP_NODE_NONE) return no_memory(r);
    more = part < length;
    text += part + more;
    length -= part + more;
  }
  r->stacks++;
  pp_raw_profile *profile = &r->raw->profiles[0];
  return (pp_nodes_add(&profile->nodes, node, count) &&
          pp_weights_add(&profile->weights, weight, count)) || no_memory(r);
}

static bool is_comment(const char *text, size_t length) {
  return text[0] == '#' || (length > 1 && text[0] == '/' && text[1] == '/');
}

static bool read_line(reader *r, const char *text, size_t length) {
  for (const char *p = text; p < text + length;) {
    size_t character = pp_utf8_length(p, text + length);
    if (character == 0 || *p == 0) {
      r->code = pp_error_at(r->error, PP_FORMAT, r->offset + (uint64_t)(p - text), r->line,
                            *p == 0 ? "a zero byte: neither speedscope nor folded text"
                                    : "invalid UTF-8");
      return false;
    }
    p += character;
  }
  while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL) length--;
  if (length == 0) return true;
  if (is_comment(text, length)) return read_header(r, text, length);
  if (r->austin) cut_austin_rest(text, &length);
  uint64_t count;
  double weight = 1;
  if (cut_number(text, &length, ' ', &count) || cut_number(text, &length, '\t', &count)) {
    if (r->austin) weight = (double)count;
  } else if (cut_weight(r, text, &length, &weight)) {
    count = 1;
  } else {
    r->skipped++;
    if (r->others++ == 0) {
      r->other_offset = r->offset;
      r->other_line = r->line;
    }
    return true;
  }
  while (length > 0 && strchr(" \t", text[length - 1]) != NULL) length--;
  if (r->austin) count = 1;
  r->samples += count;
  if (count > MOST_SAMPLES || r->samples > MOST_SAMPLES) {
    r->code = pp_error_at(r->error, PP_LIMIT, r->offset, r->line, "more than 2^48 samples");
    return false;
  }
  return add_stack(r, text, length, count, weight);
}

/* Reads the complete lines of the window; at the end of the file, all lines. */
static bool read_lines(reader *r, bool ended) {
  while (r->at < r->window.length) {
    const char *text = r->window.data + r->at;
    size_t left = r->window.length - r->at;
    const char *newline = memchr(text, '\n', left);
    if (newline == NULL && !ended) break;
    size_t length = newline != NULL ? (size_t)(newline - text) : left;
    if (!read_line(r, text, length)) return false;
    if (newline != NULL) length++;
    r->at += length;
    r->offset += length;
    r->line++;
  }
  return true;
}

static bool read_all(reader *r, pp_input *input) {
  for (size_t got = 1; got > 0;) {
    size_t left = r->window.length - r->at;
    if (left > 0) memmove(r->window.data, r->window.data + r->at, left);
    r->window.length = left;
    r->at = 0;
    if (!pp_buffer_reserve(&r->window, BLOCK)) return no_memory(r);
    r->code = pp_input_read(input, r->window.data + left, BLOCK, &got, r->error);
    if (r->code != PP_OK) return false;
    r->window.length += got;
    if (!read_lines(r, got == 0)) return false;
  }
  /* In any text some lines end in a number, so at least half of the lines must be stacks. */
  if (r->stacks > 0 && r->stacks >= r->others) return true;
  if (r->others == 0) {
    r->other_offset = r->offset;
    r->other_line = r->line;
  }
  r->code = pp_error_at(r->error, PP_FORMAT, r->other_offset, r->other_line,
                        r->skipped == 0 ? "the file is empty"
                                        : "neither a speedscope recording nor folded stacks");
  return false;
}

pp_code pp_folded_read(pp_input *input, pp_raw *raw, pp_error *error) {
  reader r = {.raw = raw, .error = error, .line = 1, .texts = pp_intern_new()};
  pp_raw_profile *profile = pp_raw_add_profile(raw);
  raw->timeless = true;
  /* Number 0 is always the empty string. */
  r.c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  bool ok = r.texts != NULL && r.c != (locale_t)0 && profile != NULL &&
    pp_raw_add_frame(raw, (pp_frame){0});
  if (!ok) no_memory(&r);
  if (r.code == PP_OK && read_all(&r, input) &&
      !pp_base_count(raw->base, "lines that are no stacks", r.skipped)) {
    no_memory(&r);
  }
  if (r.c != (locale_t)0) freelocale(r.c);
  pp_intern_free(r.texts);
  pp_buffer_free(&r.window);
  return r.code;
}
