/* pyprof.core.source - scanning Python source, one file after the other. */
#include <stdbool.h>
#include <string.h>

#include "bind.h"
#include "pyprof/scan_many.h"

#define TYPE "pyprof.core.scans"
#define SCANNER "pyprof.core.scanner"
#define TEXTS "pyprof.core.texts"

typedef struct box {
  pp_scan_many *scans;
  const pp_scan_many_file *file; /* the last one from scans:next */
  pp_rules rules;             /* a user value holds its array */
  pp_counts totals;
  lua_Integer files;
} box;

static int scans_close(lua_State *L) {
  box *self = luaL_checkudata(L, 1, TYPE);
  pp_scan_many_free(self->scans);
  *self = (box){ .scans = NULL };
  return 0;
}

static box *check_scans(lua_State *L) {
  box *self = luaL_checkudata(L, 1, TYPE);
  luaL_argcheck(L, self->scans != NULL, 1, "the scans are closed");
  return self;
}

static int flag(lua_State *L, const char *name) {
  lua_getfield(L, 2, name);
  int value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* Pushes a userdata with the rules of the array { { regex = Regex, region = name, at_line =
 * boolean }, … } at `index`. */
static pp_rules push_rules(lua_State *L, int index) {
  static const char *const regions[] = { "code", "comment", "string", "docstring", "any", NULL };
  luaL_checktype(L, index, LUA_TTABLE);
  size_t count = lua_rawlen(L, index);
  luaL_argcheck(L, count < 1000000, index, "too many rules");
  pp_rule *rules = lua_newuserdatauv(L, count * sizeof *rules + 1, 0);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, index, (lua_Integer)i + 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_getfield(L, -1, "region");
    int region = luaL_checkoption(L, -1, NULL, regions);
    lua_getfield(L, -2, "at_line");
    bool at_line = lua_toboolean(L, -1);
    lua_getfield(L, -3, "regex");
    rules[i] = (pp_rule){ pp_bind_regex(L, -1), (pp_region)region, at_line };
    lua_pop(L, 4);
  }
  return (pp_rules){ rules, count };
}

/* Pushes a userdata with the paths of the array at index 1; the table keeps them alive. */
static const char **push_paths(lua_State *L, size_t *count) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  *count = lua_rawlen(L, 1);
  luaL_argcheck(L, *count > 0 && *count < 10000000, 1, "no paths");
  luaL_checkstack(L, 8, NULL);
  const char **paths = lua_newuserdatauv(L, *count * sizeof *paths, 0);
  for (size_t i = 0; i < *count; i++) {
    size_t length;
    lua_rawgeti(L, 1, (lua_Integer)i + 1);
    luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 1, "a path is no string");
    paths[i] = lua_tolstring(L, -1, &length);
    luaL_argcheck(L, strlen(paths[i]) == length, 1, "a path contains a zero byte");
    lua_pop(L, 1);
  }
  return paths;
}

/* --- texts: files that are read now, since they cannot be opened later */

static int texts_gc(lua_State *L) {
  pp_kept_files **texts = luaL_checkudata(L, 1, TEXTS);
  pp_kept_files_free(*texts);
  *texts = NULL;
  return 0;
}

static const pp_kept_files *check_texts(lua_State *L, int argument) {
  pp_kept_files **texts = luaL_checkudata(L, argument, TEXTS);
  luaL_argcheck(L, *texts != NULL, argument, "is closed");
  return *texts;
}

/* source.read(paths, { no_ignore, stubs }) -> Texts | nil, message */
static int source_read(lua_State *L) {
  size_t count;
  const char **paths = push_paths(L, &count);
  pp_files_options options = { .no_ignore = flag(L, "no_ignore"), .stubs = flag(L, "stubs") };
  pp_kept_files **texts = lua_newuserdatauv(L, sizeof *texts, 0);
  *texts = NULL;
  luaL_setmetatable(L, TEXTS);
  pp_error error;
  if (pp_kept_files_new(paths, count, &options, pp_bind_control(L), texts, &error) != PP_OK) {
    return pp_bind_fail(L, &error);
  }
  return 1;
}

/* texts:text(path) -> bytes | nil */
static int texts_text(lua_State *L) {
  const pp_kept_file *text = pp_kept_files_find(check_texts(L, 1), luaL_checkstring(L, 2));
  if (text == NULL || text->bytes == NULL) return 0;
  lua_pushlstring(L, text->bytes, text->length);
  return 1;
}

/* --- scans of many files */

/* source.scan_many(paths|Texts, { no_ignore, stubs, mccabe, threads, portable,
 * rules }) -> Scans | nil, message */
static int source_scan_many(lua_State *L) {
  size_t count = 0;
  const pp_kept_files *texts = luaL_testudata(L, 1, TEXTS) != NULL ? check_texts(L, 1) : NULL;
  const char **paths = NULL;
  if (texts == NULL) paths = push_paths(L, &count);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_getfield(L, 2, "threads");
  lua_Integer threads = luaL_optinteger(L, -1, 0);
  lua_getfield(L, 2, "rules");
  box *self = lua_newuserdatauv(L, sizeof *self, 3);
  *self = (box){ .scans = NULL };
  luaL_setmetatable(L, TYPE);
  int place = lua_gettop(L);
  if (!lua_isnil(L, place - 1)) {
    /* The regexes belong to the table, and the array is a userdata, so both are kept. */
    self->rules = push_rules(L, place - 1);
    lua_setiuservalue(L, place, 1);
    lua_pushvalue(L, place - 1);
    lua_setiuservalue(L, place, 2);
  }
  lua_pushvalue(L, 1); /* the scans use the texts as long as they live */
  lua_setiuservalue(L, place, 3);
  pp_scan_many_options options = {
    .files = { .no_ignore = flag(L, "no_ignore"), .stubs = flag(L, "stubs") },
    .complexity = flag(L, "mccabe") ? PP_COMPLEXITY_MCCABE : PP_COMPLEXITY_RADON,
    .threads = (int)threads, .rules = self->rules.count > 0 ? &self->rules : NULL,
    .portable = flag(L, "portable"), .texts = texts,
  };
  pp_error error;
  if (pp_scan_many_new(paths, count, &options, &self->scans, &error) != PP_OK) {
    return pp_bind_fail(L, &error);
  }
  return 1;
}

static void set_count(lua_State *L, const char *name, uint64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

static void push_counts(lua_State *L, const pp_counts *counts) {
  set_count(L, "bytes", counts->bytes);
  set_count(L, "lines", counts->lines);
  set_count(L, "source", counts->source);
  set_count(L, "docstring", counts->docstring);
  set_count(L, "comment", counts->comment);
  set_count(L, "blank", counts->blank);
  set_count(L, "functions", counts->functions);
  set_count(L, "lambdas", counts->lambdas);
  set_count(L, "classes", counts->classes);
  set_count(L, "imports", counts->imports);
  set_count(L, "complexity", counts->complexity);
}

static void add_counts(pp_counts *totals, const pp_counts *counts) {
  totals->bytes += counts->bytes;
  totals->lines += counts->lines;
  totals->source += counts->source;
  totals->docstring += counts->docstring;
  totals->comment += counts->comment;
  totals->blank += counts->blank;
  totals->functions += counts->functions;
  totals->lambdas += counts->lambdas;
  totals->classes += counts->classes;
  totals->imports += counts->imports;
  totals->complexity += counts->complexity;
}

/* scans:totals() -> { files, bytes, …, complexity }: the sums of all files from next so far */
static int scans_totals(lua_State *L) {
  box *self = check_scans(L);
  lua_createtable(L, 0, 12);
  set_count(L, "files", (uint64_t)self->files);
  push_counts(L, &self->totals);
  return 1;
}

/* scans:next() -> { file, bytes, lines, …, error } | nil at the end | nil, message
 * A file that could not be read has `unreadable` set, and zeros. */
static int scans_next(lua_State *L) {
  box *self = check_scans(L);
  pp_error error;
  self->file = NULL;
  if (pp_scan_many_next(self->scans, pp_bind_control(L), &self->file, &error) != PP_OK) {
    return pp_bind_fail(L, &error);
  }
  const pp_scan_many_file *file = self->file;
  self->files += file != NULL;
  if (file != NULL && file->scan != NULL) add_counts(&self->totals, &file->scan->counts);
  if (file == NULL) {
    lua_pushnil(L);
    return 1;
  }
  static const pp_counts none;
  const pp_counts *counts = file->scan != NULL ? &file->scan->counts : &none;
  lua_createtable(L, 0, 14);
  lua_pushstring(L, file->path);
  lua_setfield(L, -2, "file");
  push_counts(L, counts);
  const char *message = file->scan != NULL ? file->scan->error : file->message;
  if (message != NULL) {
    lua_pushstring(L, message);
    lua_setfield(L, -2, "error");
  }
  if (file->scan == NULL) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "unreadable");
  }
  return 1;
}

/* Pushes a table with a definition's fields. */
static void push_definition(lua_State *L, const pp_scan *scan, const pp_definition *definition) {
  static const char *const kinds[] = {
    [PP_DEFINITION_FUNCTION] = "function",
    [PP_DEFINITION_ASYNC_FUNCTION] = "async function",
    [PP_DEFINITION_CLASS] = "class",
  };
  lua_createtable(L, 0, 10);
  lua_pushstring(L, kinds[definition->kind]);
  lua_setfield(L, -2, "kind");
  lua_pushlstring(L, scan->names + definition->name, definition->name_length);
  lua_setfield(L, -2, "name");
  set_count(L, "first_line", definition->first_line);
  set_count(L, "line", definition->line);
  set_count(L, "end_line", definition->end_line);
  set_count(L, "complexity", definition->complexity);
  lua_pushboolean(L, definition->docstring);
  lua_setfield(L, -2, "docstring");
  if (definition->parent != PP_DEFINITION_NONE) set_count(L, "parent", definition->parent + 1);
}

/* scans:definition(i) -> { file, kind, name, first_line, line, end_line, complexity, docstring,
 * parent } | nil: a definition of the last file from next; parent is the number of the definition
 * around it. */
static int scans_definition(lua_State *L) {
  box *self = check_scans(L);
  lua_Integer index = luaL_checkinteger(L, 2);
  const pp_scan *scan = self->file != NULL ? self->file->scan : NULL;
  if (scan == NULL || index < 1 || index > (lua_Integer)scan->definition_count) {
    lua_pushnil(L);
    return 1;
  }
  push_definition(L, scan, &scan->definitions[index - 1]);
  lua_pushstring(L, self->file->path);
  lua_setfield(L, -2, "file");
  return 1;
}

/* --- one file with its text, which the scans of many files do not keep */

static int scanner_gc(lua_State *L) {
  pp_scanner **scanner = luaL_checkudata(L, 1, SCANNER);
  pp_scanner_free(*scanner);
  *scanner = NULL;
  return 0;
}

/* source.open(path, mccabe, texts?) -> { bytes, …, error, text, definitions, import_statements } |
 * nil, message
 * text is UTF-8. Definitions also have offset and first_offset. import_statements have line, offset
 * (of the word import) and statement (the beginning of their logical line). All count from 1. */
static int source_open(lua_State *L) {
  const char *path = pp_bind_path(L, 1);
  pp_complexity complexity = lua_toboolean(L, 2) ? PP_COMPLEXITY_MCCABE : PP_COMPLEXITY_RADON;
  const pp_kept_files *texts = lua_isnoneornil(L, 3) ? NULL : check_texts(L, 3);
  pp_scanner **scanner = lua_newuserdatauv(L, sizeof *scanner, 0);
  *scanner = NULL;
  luaL_setmetatable(L, SCANNER);
  const pp_scan *scan;
  pp_error error;
  if (pp_scanner_new(complexity, scanner, &error) != PP_OK) return pp_bind_fail(L, &error);
  pp_scanner_keep_imports(*scanner);
  const pp_kept_file *kept = texts != NULL ? pp_kept_files_find(texts, path) : NULL;
  if (texts != NULL && (kept == NULL || kept->bytes == NULL)) {
    lua_pushnil(L);
    lua_pushstring(L, kept == NULL ? "was not read" : kept->message);
    return 2;
  }
  pp_code code = kept != NULL
    ? pp_scanner_bytes(*scanner, kept->bytes, kept->length, &scan, &error)
    : pp_scanner_file(*scanner, path, &scan, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  lua_newtable(L);
  push_counts(L, &scan->counts);
  lua_pushstring(L, path);
  lua_setfield(L, -2, "file");
  lua_pushlstring(L, scan->text, scan->length);
  lua_setfield(L, -2, "text");
  if (scan->error != NULL) {
    lua_pushstring(L, scan->error);
    lua_setfield(L, -2, "error");
  }
  lua_newtable(L);
  for (uint32_t i = 0; i < scan->definition_count; i++) {
    push_definition(L, scan, &scan->definitions[i]);
    set_count(L, "offset", scan->definitions[i].offset + 1);
    set_count(L, "first_offset", scan->definitions[i].first_offset + 1);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "definitions");
  size_t count;
  const pp_import *imports = pp_scanner_imports(*scanner, &count);
  lua_newtable(L);
  for (size_t i = 0; i < count; i++) {
    lua_createtable(L, 0, 3);
    set_count(L, "line", imports[i].line);
    set_count(L, "offset", imports[i].offset + 1);
    set_count(L, "statement", imports[i].statement + 1);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "import_statements");
  return 1;
}

static void push_piece(lua_State *L, const pp_found_list *list, const pp_piece *piece) {
  if (piece->offset == PP_REGEX_NONE) lua_pushboolean(L, 0);
  else lua_pushlstring(L, list->texts + piece->offset, piece->length);
}

/* scans:found(i) -> { rule, file, line, column, text, match, captures, definition } |
 * nil: a match of the rules in the last file from next. rule is a number, text is the whole line, a
 * capture is false if its group did not match, definition is a qualified name or nil. */
static int scans_found(lua_State *L) {
  box *self = check_scans(L);
  lua_Integer index = luaL_checkinteger(L, 2);
  const pp_found_list *list = self->file != NULL ? self->file->found : NULL;
  if (list == NULL || index < 1 || index > (lua_Integer)list->count) {
    lua_pushnil(L);
    return 1;
  }
  const pp_found *found = &list->found[index - 1];
  const pp_piece *groups = &list->groups[found->groups];
  unsigned last = pp_regex_groups(self->rules.rules[found->rule].regex);
  lua_createtable(L, 0, 9);
  set_count(L, "rule", found->rule + 1);
  lua_pushstring(L, self->file->path);
  lua_setfield(L, -2, "file");
  set_count(L, "line", found->line);
  set_count(L, "column", found->column);
  push_piece(L, list, &found->line_text);
  lua_setfield(L, -2, "text");
  push_piece(L, list, &groups[0]);
  lua_setfield(L, -2, "match");
  lua_createtable(L, (int)last, 0);
  for (unsigned i = 1; i <= last; i++) {
    push_piece(L, list, &groups[i]);
    lua_rawseti(L, -2, i);
  }
  lua_setfield(L, -2, "captures");
  if (found->definition != PP_DEFINITION_NONE) {
    const pp_scan *scan = self->file->scan;
    const pp_definition *definition = &scan->definitions[found->definition];
    lua_pushlstring(L, scan->names + definition->name, definition->name_length);
    lua_setfield(L, -2, "definition");
  }
  return 1;
}

int luaopen_pyprof_core_source(lua_State *L) {
  static const luaL_Reg functions[] = {
    { "scan_many", source_scan_many }, { "open", source_open }, { "read", source_read },
    { NULL, NULL }
  };
  static const luaL_Reg methods[] = {
    { "next", scans_next }, { "definition", scans_definition }, { "found", scans_found },
    { "totals", scans_totals }, { "close", scans_close },
    { NULL, NULL }
  };
  static const luaL_Reg meta[] = {
    { "__gc", scans_close }, { "__close", scans_close }, { NULL, NULL }
  };
  static const luaL_Reg texts_methods[] = { { "text", texts_text }, { NULL, NULL } };
  luaL_newmetatable(L, TEXTS);
  lua_pushcfunction(L, texts_gc);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, texts_methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newmetatable(L, SCANNER);
  lua_pushcfunction(L, scanner_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newmetatable(L, TYPE);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  lua_pushstring(L, pp_scanner_pieces());
  lua_setfield(L, -2, "pieces");
  return 1;
}
