/* pprof_reader.h - the reader that the files for pprof profiles share.
 *
 * A function that returns false has failed; the reader's code and error give the reason.
 */
#ifndef PYPROF_CORE_RECORDING_PPROF_READER_H
#define PYPROF_CORE_RECORDING_PPROF_READER_H

#include "input/protobuf.h"
#include "pyprof/buffer.h"
#include "recording/raw.h"

enum { PP_PPROF_MOST_TYPES = 64 };

/* The numbers of the fields of a profile and of a sample type in profile.proto. */
enum { PP_PPROF_TYPE = 1, PP_PPROF_SAMPLE = 2, PP_PPROF_MAPPING = 3, PP_PPROF_LOCATION = 4,
       PP_PPROF_FUNCTION = 5, PP_PPROF_STRING = 6, PP_PPROF_DEFAULT_TYPE = 14,
       PP_PPROF_LAST = 15 };
enum { PP_PPROF_TYPE_KIND = 1, PP_PPROF_TYPE_UNIT = 2 };

typedef struct pp_pprof_list {
  uint64_t *numbers;
  size_t count, capacity;
} pp_pprof_list;

typedef struct pp_pprof_type {
  uint64_t kind, unit; /* numbers in the file's string table */
  pp_unit base_unit;
  uint32_t kind_string;
} pp_pprof_type;

typedef struct pp_pprof {
  pp_raw *raw;
  pp_error *error;
  pp_code code;
  pp_buffer file;
  pp_pprof_list strings;    /* offset << 32 | length */
  uint32_t *string_numbers; /* in the base; PP_INTERN_NONE: not added yet */
  pp_pprof_type types[PP_PPROF_MOST_TYPES];
  uint32_t type_count;
  uint64_t default_type;
  int counting; /* the type whose value is the number of samples; -1: none */
  /* These give numbers from 1 to ids, since ids may be large. */
  pp_intern *mapping_ids, *function_ids, *location_ids;
  pp_pprof_list mappings;  /* their files' strings */
  pp_pprof_list functions; /* name, file: two each, as strings of the base */
  pp_pprof_list locations; /* first raw frame << 32 | number of frames, the innermost first */
  pp_intern *threads;      /* names of threads; each has one raw profile for each type */
  pp_intern *tests;        /* each test's label; the last raw frames are markers, one for each */
  uint32_t *profiles;
  uint32_t thread_room;
  pp_pprof_list stack, values;
} pp_pprof;

bool pp_pprof_no_memory(pp_pprof *r);
__attribute__((format(__printf__, 3, 4)))
bool pp_pprof_fail(pp_pprof *r, const uint8_t *at, const char *format, ...);
/* After the last field: did the message end, or is it malformed? */
bool pp_pprof_ended(pp_pprof *r, const pp_protobuf *wire, const char *what);

bool pp_pprof_append(pp_pprof *r, pp_pprof_list *l, uint64_t number);
/* Enters an id that must be new; ids are from 1. */
bool pp_pprof_enter(pp_pprof *r, pp_intern *ids, uint64_t id, const uint8_t *at,
                    const char *what);
/* Finds the number of an id, which must exist. */
bool pp_pprof_find(pp_pprof *r, const pp_intern *ids, uint64_t id, const uint8_t *at,
                   const char *what, uint32_t *number);

/* Finds the places of the file's strings. The next two functions need them. */
bool pp_pprof_strings(pp_pprof *r, pp_protobuf file);
/* The string's bytes. */
bool pp_pprof_text(pp_pprof *r, uint64_t index, const uint8_t *at, const char **text,
                   size_t *length);
/* The string's number in the base. */
bool pp_pprof_string(pp_pprof *r, uint64_t index, const uint8_t *at, uint32_t *string);
/* Is it this word? Upper and lower case are the same. */
bool pp_pprof_is_text(const char *text, size_t length, const char *word);

typedef bool pp_pprof_entry(pp_pprof *r, pp_protobuf_field *field);

/* Reads all entries of one table; they may be anywhere in the file. */
bool pp_pprof_each(pp_pprof *r, pp_protobuf file, uint32_t number, pp_pprof_entry *read);

/* pprof_tables.c: reads the types, mappings, functions and locations, and makes the raw frames. */
bool pp_pprof_tables(pp_pprof *r, pp_protobuf file);

#endif
