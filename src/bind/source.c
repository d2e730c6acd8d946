/* pyprof.core.source - scans of Python source, one file after the other. */
#include <string.h>

#include "bind.h"
#include "pyprof/survey.h"

#define TYPE "pyprof.core.survey"

typedef struct box {
  pp_survey *survey;
  const pp_survey_file *file; /* the one that next returned last */
} box;

static int survey_close(lua_State *L) {
  box *self = luaL_checkudata(L, 1, TYPE);
  pp_survey_free(self->survey);
  *self = (box){ NULL, NULL };
  return 0;
}

static box *check_survey(lua_State *L) {
  box *self = luaL_checkudata(L, 1, TYPE);
  luaL_argcheck(L, self->survey != NULL, 1, "the survey is closed");
  return self;
}

static int flag(lua_State *L, const char *name) {
  lua_getfield(L, 2, name);
  int value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* source.survey(paths, { no_ignore, stubs, mccabe, threads, portable }) -> Survey | nil, message */
static int source_survey(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t count = lua_rawlen(L, 1);
  luaL_argcheck(L, count > 0 && count < 10000000, 1, "no paths");
  luaL_checkstack(L, 8, NULL);
  const char **paths = lua_newuserdatauv(L, count * sizeof *paths, 0);
  for (size_t i = 0; i < count; i++) {
    size_t length;
    lua_rawgeti(L, 1, (lua_Integer)i + 1);
    luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 1, "a path is no string");
    paths[i] = lua_tolstring(L, -1, &length); /* held by the table */
    luaL_argcheck(L, strlen(paths[i]) == length, 1, "a path contains a zero byte");
    lua_pop(L, 1);
  }
  lua_getfield(L, 2, "threads");
  pp_survey_options options = {
    .files = { .no_ignore = flag(L, "no_ignore"), .stubs = flag(L, "stubs") },
    .complexity = flag(L, "mccabe") ? PP_COMPLEXITY_MCCABE : PP_COMPLEXITY_RADON,
    .threads = (int)luaL_optinteger(L, -1, 0), .portable = flag(L, "portable"),
  };
  box *self = lua_newuserdatauv(L, sizeof *self, 0);
  *self = (box){ NULL, NULL };
  luaL_setmetatable(L, TYPE);
  pp_error error;
  if (pp_survey_new(paths, count, &options, &self->survey, &error) != PP_OK) {
    return pp_bind_fail(L, &error);
  }
  return 1;
}

static void set_count(lua_State *L, const char *name, uint64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

/* survey:next() -> { file, bytes, lines, …, error } | nil at the end. A file that could not be
 * read has `unreadable` set, and zeros. Raises when interrupted. */
static int survey_next(lua_State *L) {
  box *self = check_survey(L);
  pp_error error;
  self->file = NULL;
  if (pp_survey_next(self->survey, pp_bind_control(L), &self->file, &error) != PP_OK) {
    return luaL_error(L, "%s", error.message);
  }
  const pp_survey_file *file = self->file;
  if (file == NULL) {
    lua_pushnil(L);
    return 1;
  }
  static const pp_counts none;
  const pp_counts *counts = file->scan != NULL ? &file->scan->counts : &none;
  lua_createtable(L, 0, 14);
  lua_pushstring(L, file->path);
  lua_setfield(L, -2, "file");
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

/* survey:definition(i) -> { file, kind, name, first_line, line, end_line, complexity, docstring,
 * parent } | nil: of the file that next returned last; parent is the number of the definition
 * around it. */
static int survey_definition(lua_State *L) {
  static const char *const kinds[] = {
    [PP_DEFINITION_FUNCTION] = "function",
    [PP_DEFINITION_ASYNC_FUNCTION] = "async function",
    [PP_DEFINITION_CLASS] = "class",
  };
  box *self = check_survey(L);
  lua_Integer index = luaL_checkinteger(L, 2);
  const pp_scan *scan = self->file != NULL ? self->file->scan : NULL;
  if (scan == NULL || index < 1 || index > (lua_Integer)scan->definition_count) {
    lua_pushnil(L);
    return 1;
  }
  const pp_definition *definition = &scan->definitions[index - 1];
  lua_createtable(L, 0, 10);
  lua_pushstring(L, self->file->path);
  lua_setfield(L, -2, "file");
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
  return 1;
}

int luaopen_pyprof_core_source(lua_State *L) {
  static const luaL_Reg functions[] = { { "survey", source_survey }, { NULL, NULL } };
  static const luaL_Reg methods[] = {
    { "next", survey_next }, { "definition", survey_definition }, { "close", survey_close },
    { NULL, NULL }
  };
  static const luaL_Reg meta[] = {
    { "__gc", survey_close }, { "__close", survey_close }, { NULL, NULL }
  };
  luaL_newmetatable(L, TYPE);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
