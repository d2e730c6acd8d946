/* pyprof.core.regex - PCRE2 for Lua. A Regex never changes; its methods raise an error if a pattern
 * backtracks without end. Positions count from 1 and ends are inclusive, as in Lua's string. */
#include <stdbool.h>
#include <string.h>

#include "bind.h"
#include "pyprof/regex.h"

#define TYPE "pyprof.Regex"

typedef struct box {
  pp_regex *regex;
  pp_match *match;
} box;

static int regex_gc(lua_State *L) {
  box *self = luaL_checkudata(L, 1, TYPE);
  pp_match_free(self->match);
  pp_regex_free(self->regex);
  *self = (box){ NULL, NULL };
  return 0;
}

static box *check_box(lua_State *L, int argument) {
  box *self = luaL_checkudata(L, argument, TYPE);
  luaL_argcheck(L, self->match != NULL, argument, "the regex is closed");
  return self;
}

const pp_regex *pp_bind_regex(lua_State *L, int argument) {
  return check_box(L, argument)->regex;
}

/* regex.compile(pattern, flags?) -> Regex | nil, message */
static int regex_compile(lua_State *L) {
  size_t length;
  const char *pattern = luaL_checklstring(L, 1, &length);
  const char *letters = luaL_optstring(L, 2, "");
  unsigned flags;
  pp_error error;
  if (pp_regex_flags(letters, &flags, &error) != PP_OK) return luaL_argerror(L, 2, error.message);
  box *self = lua_newuserdatauv(L, sizeof *self, 0);
  *self = (box){ NULL, NULL };
  luaL_setmetatable(L, TYPE);
  if (pp_regex_compile(pattern, length, flags, &self->regex, &error) != PP_OK) {
    return pp_bind_fail(L, &error);
  }
  self->match = pp_match_new(self->regex);
  if (self->match == NULL) pp_bind_memory(L);
  return 1;
}

/* The arguments of a method: the regex, its subject, and the place to begin. */
typedef struct search {
  box *self;
  const char *text;
  size_t length, start;
  bool empty; /* may the next match be empty and begin at `start`? */
} search;

static search search_of(lua_State *L, int init) {
  search it = { check_box(L, 1), NULL, 0, 0, true };
  it.text = luaL_checklstring(L, 2, &it.length);
  lua_Integer from = init != 0 ? luaL_optinteger(L, init, 1) : 1;
  if (from < 0) from = (lua_Integer)it.length + from + 1;
  if (from < 1) from = 1;
  it.start = (size_t)from - 1;
  return it;
}

/* Finds the next match and moves behind it; NULL: there is none. Raises an error at the match
 * limit. */
static const size_t *search_next(lua_State *L, search *it) {
  bool found;
  pp_error error;
  pp_exposure *exposure = pp_bind_exposure(L);
  if (pp_regex_is_compiled(it->self->regex)) exposure->state = L;
  pp_code code = pp_regex_match(it->self->regex, it->self->match, it->text, it->length, it->start,
                                it->empty, &found, &error);
  exposure->state = NULL;
  if (code != PP_OK) luaL_error(L, "%s", error.message);
  if (!found) return NULL;
  const size_t *ends = pp_match_offsets(it->self->match);
  it->start = ends[1];
  it->empty = ends[0] != ends[1];
  return ends;
}

static void push_group(lua_State *L, const char *text, const size_t *ends, unsigned group) {
  if (ends[2 * group] == PP_REGEX_NONE) {
    lua_pushnil(L);
  } else {
    lua_pushlstring(L, text + ends[2 * group], ends[2 * group + 1] - ends[2 * group]);
  }
}

/* Pushes the groups of a match, or the whole match if the pattern has no groups. */
static int push_captures(lua_State *L, const search *it, const size_t *ends) {
  unsigned groups = pp_regex_groups(it->self->regex);
  luaL_checkstack(L, (int)groups + 1, "too many groups");
  if (groups == 0) {
    push_group(L, it->text, ends, 0);
    return 1;
  }
  for (unsigned i = 1; i <= groups; i++) push_group(L, it->text, ends, i);
  return (int)groups;
}

/* regex:test(subject, init?) -> boolean */
static int regex_test(lua_State *L) {
  search it = search_of(L, 3);
  lua_pushboolean(L, search_next(L, &it) != NULL);
  return 1;
}

/* regex:match(subject, init?) -> captures… (the whole match if there are no groups) | nil */
static int regex_match(lua_State *L) {
  search it = search_of(L, 3);
  const size_t *ends = search_next(L, &it);
  if (ends != NULL) return push_captures(L, &it, ends);
  lua_pushnil(L);
  return 1;
}

/* regex:find(subject, init?) -> from, to, groups… | nil */
static int regex_find(lua_State *L) {
  search it = search_of(L, 3);
  const size_t *ends = search_next(L, &it);
  if (ends == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, (lua_Integer)ends[0] + 1);
  lua_pushinteger(L, (lua_Integer)ends[1]);
  if (pp_regex_groups(it.self->regex) == 0) return 2;
  return 2 + push_captures(L, &it, ends);
}

/* regex:captures(subject, init?) -> { from, to, [0] = whole, [1] = group, name = group } | nil */
static int regex_captures(lua_State *L) {
  search it = search_of(L, 3);
  const size_t *ends = search_next(L, &it);
  if (ends == NULL) {
    lua_pushnil(L);
    return 1;
  }
  const pp_regex *regex = it.self->regex;
  lua_newtable(L);
  for (unsigned i = 0; i <= pp_regex_groups(regex); i++) {
    push_group(L, it.text, ends, i);
    lua_rawseti(L, -2, i);
  }
  lua_pushinteger(L, (lua_Integer)ends[0] + 1);
  lua_setfield(L, -2, "from");
  lua_pushinteger(L, (lua_Integer)ends[1]);
  lua_setfield(L, -2, "to");
  /* Several groups may have one name; at most one of them matched. */
  for (unsigned i = 0; i < pp_regex_names(regex); i++) {
    unsigned group;
    const char *name = pp_regex_name(regex, i, &group);
    if (ends[2 * group] == PP_REGEX_NONE) continue;
    push_group(L, it.text, ends, group);
    lua_setfield(L, -2, name);
  }
  return 1;
}

static int next_match(lua_State *L) {
  search it = { luaL_checkudata(L, lua_upvalueindex(1), TYPE), NULL, 0, 0, true };
  it.text = lua_tolstring(L, lua_upvalueindex(2), &it.length);
  it.start = (size_t)lua_tointeger(L, lua_upvalueindex(3));
  it.empty = lua_toboolean(L, lua_upvalueindex(4));
  if (it.self->match == NULL) return luaL_error(L, "the regex is closed");
  const size_t *ends = search_next(L, &it);
  if (ends == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, (lua_Integer)it.start);
  lua_replace(L, lua_upvalueindex(3));
  lua_pushboolean(L, it.empty);
  lua_replace(L, lua_upvalueindex(4));
  return push_captures(L, &it, ends);
}

/* regex:gmatch(subject) -> iterator of captures… (the whole match if there are no groups) */
static int regex_gmatch(lua_State *L) {
  search_of(L, 0);
  lua_settop(L, 2);
  lua_pushinteger(L, 0);
  lua_pushboolean(L, true);
  lua_pushcclosure(L, next_match, 4);
  return 1;
}

/* regex:count(subject) -> integer */
static int regex_count(lua_State *L) {
  search it = search_of(L, 0);
  lua_Integer count = 0;
  while (search_next(L, &it) != NULL) count++;
  lua_pushinteger(L, count);
  return 1;
}

/* regex:split(subject, limit?) -> list of the parts between matches, at most `limit`. An empty
 * match splits between two characters, never at the ends. */
static int regex_split(lua_State *L) {
  search it = search_of(L, 0);
  lua_Integer limit = luaL_optinteger(L, 3, LUA_MAXINTEGER), count = 0;
  luaL_argcheck(L, limit > 0, 3, "at least 1");
  size_t from = 0;
  const size_t *ends;
  lua_newtable(L);
  while (count + 1 < limit && (ends = search_next(L, &it)) != NULL) {
    if (ends[0] == ends[1] && (ends[0] == 0 || ends[0] == it.length)) continue;
    lua_pushlstring(L, it.text + from, ends[0] - from);
    lua_rawseti(L, -2, ++count);
    from = ends[1];
  }
  lua_pushlstring(L, it.text + from, it.length - from);
  lua_rawseti(L, -2, ++count);
  return 1;
}

/* Replaces $0 $1 … $99 ${name} ${1} $$ in a template. */
static void add_template(lua_State *L, luaL_Buffer *result, const search *it, const size_t *ends,
                         const char *template, size_t length) {
  const char *end = template + length;
  while (template < end) {
    const char *dollar = memchr(template, '$', (size_t)(end - template));
    if (dollar == NULL) dollar = end;
    luaL_addlstring(result, template, (size_t)(dollar - template));
    if (dollar == end) return;
    template = dollar + 1;
    const char *name = template, *name_end;
    if (template < end && *template == '$') {
      luaL_addchar(result, '$');
      template++;
      continue;
    }
    if (template < end && *template == '{') {
      name = template + 1;
      name_end = memchr(name, '}', (size_t)(end - name));
      if (name_end == NULL) luaL_error(L, "template: '${' without '}'");
      template = name_end + 1;
    } else {
      while (template < end && template < name + 2 && *template >= '0' && *template <= '9') {
        template++;
      }
      name_end = template;
    }
    if (name == name_end) luaL_error(L, "template: '$' stands for nothing (write $$ for a dollar)");
    unsigned group = 0;
    bool digits = true;
    for (const char *at = name; at < name_end; at++) {
      if (*at < '0' || *at > '9') digits = false;
      else if (group < 100000) group = group * 10 + (unsigned)(*at - '0');
    }
    if (!digits) group = pp_regex_group(it->self->regex, name, (size_t)(name_end - name));
    if ((!digits && group == 0) || group > pp_regex_groups(it->self->regex)) {
      lua_pushlstring(L, name, (size_t)(name_end - name));
      luaL_error(L, "template: the pattern has no group '%s'", lua_tostring(L, -1));
    }
    if (ends[2 * group] != PP_REGEX_NONE) {
      luaL_addlstring(result, it->text + ends[2 * group], ends[2 * group + 1] - ends[2 * group]);
    }
  }
}

/* regex:gsub(subject, template|function, limit?) -> text, count
 * A function gets the captures. Its result replaces the match; nil or false keeps the match. */
static int regex_gsub(lua_State *L) {
  search it = search_of(L, 0);
  int kind = lua_type(L, 3);
  luaL_argexpected(L, kind == LUA_TSTRING || kind == LUA_TNUMBER || kind == LUA_TFUNCTION, 3,
                   "template or function");
  lua_Integer limit = luaL_optinteger(L, 4, LUA_MAXINTEGER), count = 0;
  size_t template_length = 0, from = 0;
  const char *template = kind == LUA_TFUNCTION ? NULL : lua_tolstring(L, 3, &template_length);
  luaL_Buffer result;
  luaL_buffinit(L, &result);
  const size_t *ends;
  while (count < limit && (ends = search_next(L, &it)) != NULL) {
    /* The function may use this regex itself, so we keep the offsets. */
    size_t begin = ends[0], end = ends[1];
    luaL_addlstring(&result, it.text + from, begin - from);
    from = end;
    count++;
    if (template != NULL) {
      add_template(L, &result, &it, ends, template, template_length);
      continue;
    }
    lua_pushvalue(L, 3);
    lua_call(L, push_captures(L, &it, ends), 1);
    if (!lua_toboolean(L, -1)) {
      lua_pop(L, 1);
      luaL_addlstring(&result, it.text + begin, end - begin);
    } else if (lua_isstring(L, -1)) {
      luaL_addvalue(&result);
    } else {
      return luaL_error(L, "the function returned a %s (want a string)", luaL_typename(L, -1));
    }
  }
  luaL_addlstring(&result, it.text + from, it.length - from);
  luaL_pushresult(&result);
  lua_pushinteger(L, count);
  return 2;
}

/* regex:names() -> the names of its groups, sorted */
static int regex_names(lua_State *L) {
  box *self = check_box(L, 1);
  lua_newtable(L);
  for (unsigned i = 0; i < pp_regex_names(self->regex); i++) {
    unsigned group;
    lua_pushstring(L, pp_regex_name(self->regex, i, &group));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

int luaopen_pyprof_core_regex(lua_State *L) {
  static const luaL_Reg functions[] = { { "compile", regex_compile }, { NULL, NULL } };
  static const luaL_Reg methods[] = {
    { "test", regex_test },         { "match", regex_match }, { "find", regex_find },
    { "captures", regex_captures }, { "gmatch", regex_gmatch }, { "count", regex_count },
    { "split", regex_split },       { "gsub", regex_gsub },   { "names", regex_names },
    { NULL, NULL }
  };
  static const luaL_Reg meta[] = { { "__gc", regex_gc }, { NULL, NULL } };
  luaL_newmetatable(L, TYPE);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
