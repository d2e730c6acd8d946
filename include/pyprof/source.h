/* source.h - the facts that Python's own parser would give about a source file, found without
 * parsing all of it.
 *
 * A pp_scanner is the memory in which one thread scans. It owns what it returns, which is valid
 * until the next scan. Text is bytes in any encoding that Python recognizes by a byte order mark
 * or an encoding declaration; names are returned in UTF-8.
 *
 * A text with a syntax error is no failure: the scanner counts as much as it can, and `error` says
 * what is wrong, and where. Calls fail with PP_SYSTEM if the file cannot be read, and with
 * PP_MEMORY.
 */
#ifndef PYPROF_SOURCE_H
#define PYPROF_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pyprof/error.h"

typedef enum pp_definition_kind {
  PP_DEFINITION_FUNCTION,
  PP_DEFINITION_ASYNC_FUNCTION,
  PP_DEFINITION_CLASS
} pp_definition_kind;

#define PP_DEFINITION_NONE UINT32_MAX

typedef struct pp_definition {
  size_t name;             /* the qualified name, as __qualname__, in pp_scan.names */
  uint32_t name_length;
  uint32_t own_length;     /* of the name itself, at the end of the qualified name */
  uint32_t first_line;     /* of the first decorator */
  uint32_t line;           /* of `def`, `async` or `class` */
  uint32_t end_line;       /* of the last token */
  uint32_t complexity;     /* for a class: the decision points of its body */
  uint32_t parent;         /* the definition around it, or PP_DEFINITION_NONE */
  uint32_t column;         /* of its indentation, from 0 */
  size_t offset;           /* of `def`, `async` or `class` in pp_scan.text */
  size_t first_offset;     /* of the first decorator's @; without one, the same as offset */
  pp_definition_kind kind;
  bool docstring;
} pp_definition;

typedef struct pp_counts {
  uint64_t bytes, lines, source, docstring, comment, blank;
  uint64_t functions, lambdas, classes, imports, complexity;
} pp_counts;

/* Parts of a text. */
typedef enum pp_region {
  PP_REGION_CODE,
  PP_REGION_COMMENT,
  PP_REGION_STRING, /* docstrings are not strings here; an f-string's fields are code */
  PP_REGION_DOCSTRING,
  PP_REGION_ANY
} pp_region;

typedef struct pp_scan {
  pp_counts counts;
  const pp_definition *definitions; /* in the order of their lines */
  uint32_t definition_count;
  const char *names;
  const char *text; /* the scanned text: UTF-8, without a byte order mark */
  size_t length;
  const char *error; /* "line 3, column 7: unterminated string", or NULL */
  uint32_t error_line, error_column;
} pp_scan;

typedef struct pp_import {
  size_t offset;    /* of the word `import` */
  size_t statement; /* where its logical line begins */
  uint32_t line;    /* of the word */
} pp_import;

typedef enum pp_complexity {
  PP_COMPLEXITY_RADON, /* statements, boolean operators, comprehensions, ternaries, asserts */
  PP_COMPLEXITY_MCCABE /* as mccabe 0.7, except that except* counts like except: statements alone;
                        * a function also counts the definitions inside it */
} pp_complexity;

typedef struct pp_scanner pp_scanner;

pp_code pp_scanner_new(pp_complexity complexity, pp_scanner **scanner, pp_error *error);
void pp_scanner_free(pp_scanner *scanner); /* NULL is fine */

pp_code pp_scanner_bytes(pp_scanner *scanner, const char *bytes, size_t length,
                         const pp_scan **scan, pp_error *error);
/* The message of PP_SYSTEM is the reason alone, without the path. */
pp_code pp_scanner_file(pp_scanner *scanner, const char *path, const pp_scan **scan,
                        pp_error *error);

/* The import statements of the last scan; pp_scanner_keep_imports must come before that scan. */
void pp_scanner_keep_imports(pp_scanner *scanner);
const pp_import *pp_scanner_imports(const pp_scanner *scanner, size_t *count);
/* A group (DEFINE) of PCRE2, for patterns over Python's text: string, group (in brackets), gap,
 * comment, name, word, lambda, piece. */
const char *pp_scanner_pieces(void);

/* The number of ways to find the tokens that matter. Way 0 works on every processor; the last is
 * the fastest on this one, and the default. All give the same result. */
int pp_scanner_ways(void);
void pp_scanner_use(pp_scanner *scanner, int way);

#endif
