#include "pyprof/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { MATCH_LIMIT = 10000000, JIT_STACK_FIRST = 32 * 1024, JIT_STACK_LAST = 1024 * 1024 };

struct pp_regex {
  pcre2_code *code;
  bool jit;
  bool fast; /* the JIT is called directly, without checks of options or of UTF */
  unsigned groups;
  uint32_t names, name_size;
  const uint8_t *name_table;
  const uint8_t *first;
};

struct pp_match {
  pcre2_match_data *data;
  pcre2_match_context *context;
  pcre2_jit_stack *stack;
};

pp_code pp_regex_flags(const char *letters, unsigned *flags, pp_error *error) {
  static const char known[] = "imsxua";
  *flags = 0;
  for (; *letters != '\0'; letters++) {
    const char *place = strchr(known, *letters);
    if (place == NULL) {
      return pp_error_set(error, PP_ARGUMENT,
                          "unknown flag '%c' (i caseless, m multiline, s dot matches newline, "
                          "x extended, u UTF-8, a anchored)", *letters);
    }
    *flags |= 1u << (place - known);
  }
  return PP_OK;
}

static uint32_t options_of(unsigned flags) {
  uint32_t options = PCRE2_NEVER_BACKSLASH_C;
  if (flags & PP_REGEX_CASELESS) options |= PCRE2_CASELESS;
  if (flags & PP_REGEX_MULTILINE) options |= PCRE2_MULTILINE;
  if (flags & PP_REGEX_DOTALL) options |= PCRE2_DOTALL;
  if (flags & PP_REGEX_EXTENDED) options |= PCRE2_EXTENDED;
  if (flags & PP_REGEX_UTF) options |= PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF;
  if (flags & PP_REGEX_ANCHORED) options |= PCRE2_ANCHORED;
  return options;
}

pp_code pp_regex_compile(const char *pattern, size_t length, unsigned flags, pp_regex **regex,
                         pp_error *error) {
  pp_regex *made = calloc(1, sizeof *made);
  if (made == NULL) return pp_error_memory(error);
  int number;
  PCRE2_SIZE place;
  uint32_t wanted = options_of(flags), options = 0;
  made->code = pcre2_compile((PCRE2_SPTR)pattern, length, wanted, &number, &place, NULL);
  if (made->code != NULL) pcre2_pattern_info(made->code, PCRE2_INFO_ALLOPTIONS, &options);
  bool utf = (options & PCRE2_UTF) != 0;
  /* (*UTF) at the start of the pattern does not allow invalid UTF-8 in subjects. */
  if (utf && (options & PCRE2_MATCH_INVALID_UTF) == 0) {
    pcre2_code_free(made->code);
    made->code = pcre2_compile((PCRE2_SPTR)pattern, length, wanted | PCRE2_MATCH_INVALID_UTF,
                               &number, &place, NULL);
  }
  if (made->code == NULL) {
    PCRE2_UCHAR text[200];
    pcre2_get_error_message(number, text, sizeof text);
    free(made);
    if (number == PCRE2_ERROR_HEAP_FAILED) return pp_error_memory(error);
    return pp_error_set(error, PP_FORMAT, "pattern, at character %zu: %s", place + 1,
                        (char *)text);
  }
  size_t size = 0; /* (*NO_JIT) leaves it 0 */
  /* Without the JIT a pattern may reach the match limit. So a lack of memory for the JIT is an
   * error; only if no JIT is permitted do we match without it. */
  errno = 0;
  if (pcre2_jit_compile(made->code, PCRE2_JIT_COMPLETE) == PCRE2_ERROR_NOMEMORY &&
      errno == ENOMEM) {
    pp_regex_free(made);
    return pp_error_memory(error);
  }
  pcre2_pattern_info(made->code, PCRE2_INFO_JITSIZE, &size);
  made->jit = size > 0;
  made->fast = made->jit && !utf;
  uint32_t groups = 0;
  pcre2_pattern_info(made->code, PCRE2_INFO_CAPTURECOUNT, &groups);
  made->groups = groups;
  pcre2_pattern_info(made->code, PCRE2_INFO_NAMECOUNT, &made->names);
  pcre2_pattern_info(made->code, PCRE2_INFO_NAMEENTRYSIZE, &made->name_size);
  pcre2_pattern_info(made->code, PCRE2_INFO_NAMETABLE, &made->name_table);
  pcre2_pattern_info(made->code, PCRE2_INFO_FIRSTBITMAP, &made->first);
  *regex = made;
  return PP_OK;
}

void pp_regex_free(pp_regex *regex) {
  if (regex == NULL) return;
  pcre2_code_free(regex->code);
  free(regex);
}

unsigned pp_regex_groups(const pp_regex *regex) {
  return regex->groups;
}

unsigned pp_regex_names(const pp_regex *regex) {
  return regex->names;
}

/* An entry of the table: the group's number in two bytes, the name, a zero. */
const char *pp_regex_name(const pp_regex *regex, unsigned index, unsigned *group) {
  const uint8_t *entry = regex->name_table + (size_t)index * regex->name_size;
  *group = (unsigned)entry[0] << 8 | entry[1];
  return (const char *)entry + 2;
}

unsigned pp_regex_group(const pp_regex *regex, const char *name, size_t length) {
  for (unsigned i = 0; i < regex->names; i++) {
    unsigned group;
    const char *text = pp_regex_name(regex, i, &group);
    if (strlen(text) == length && memcmp(text, name, length) == 0) return group;
  }
  return 0;
}

const uint8_t *pp_regex_first(const pp_regex *regex) {
  return regex->first;
}

bool pp_regex_is_compiled(const pp_regex *regex) {
  return regex->jit;
}

pp_match *pp_match_new(const pp_regex *regex) {
  pp_match *match = calloc(1, sizeof *match);
  if (match == NULL) return NULL;
  match->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
  match->context = pcre2_match_context_create(NULL);
  if (regex->jit) match->stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_LAST, NULL);
  if (match->data == NULL || match->context == NULL || (regex->jit && match->stack == NULL)) {
    pp_match_free(match);
    return NULL;
  }
  pcre2_set_match_limit(match->context, MATCH_LIMIT);
  /* Without the JIT there is no stack to assign. */
  if (match->stack != NULL) pcre2_jit_stack_assign(match->context, NULL, match->stack);
  return match;
}

void pp_match_free(pp_match *match) {
  if (match == NULL) return;
  pcre2_match_data_free(match->data);
  pcre2_match_context_free(match->context);
  pcre2_jit_stack_free(match->stack);
  free(match);
}

static pp_code refused(int number, pp_error *error) {
  switch (number) {
    case PCRE2_ERROR_NOMEMORY:
      return pp_error_memory(error);
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
    case PCRE2_ERROR_JIT_STACKLIMIT:
      return pp_error_set(error, PP_LIMIT,
                          "the pattern backtracks without end on this text: given up at the "
                          "match limit (use possessive or atomic repeats)");
    default: {
      PCRE2_UCHAR text[200];
      pcre2_get_error_message(number, text, sizeof text);
      return pp_error_set(error, PP_FORMAT, "matching: %s", (char *)text);
    }
  }
}

pp_code pp_regex_match(const pp_regex *regex, pp_match *match, const char *subject,
                       size_t length, size_t start, bool empty, bool *found, pp_error *error) {
  uint32_t options = empty ? 0 : PCRE2_NOTEMPTY_ATSTART;
  PCRE2_SPTR text = (PCRE2_SPTR)subject;
  *found = false;
  if (start > length) return PP_OK;
  int result = regex->fast
    ? pcre2_jit_match(regex->code, text, length, start, options, match->data, match->context)
    : pcre2_match(regex->code, text, length, start, options, match->data, match->context);
  if (result == PCRE2_ERROR_NOMATCH) return PP_OK;
  if (result < 0) return refused(result, error);
  *found = true;
  return PP_OK;
}

const size_t *pp_match_offsets(const pp_match *match) {
  return pcre2_get_ovector_pointer(match->data);
}
