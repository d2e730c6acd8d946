#include "check.h"
#include "text.h"

/* For each run the frames, root first, as `name@file:line`, then the count; ", " between runs. */
static void describe(const pp_base *base, char *to, size_t room) {
  size_t used = 0;
  to[0] = 0;
  for (uint32_t i = 0; i < base->track_count; i++) {
    pp_track_cursor at;
    pp_track_begin(&base->tracks[i], &at);
    while (pp_track_next(&at) && used < room) {
      pp_node way[100];
      int depth = 0;
      for (pp_node node = at.node; node != PP_NODE_ROOT && depth < 100; depth++) {
        way[depth] = node;
        node = pp_tree_parent(&base->tree, node);
      }
      while (depth-- > 0 && used < room) {
        const pp_frame *frame = &base->frames[pp_tree_frame(&base->tree, way[depth])];
        used += (size_t)snprintf(to + used, room - used, "%s@%s:%u ",
                                 string_of(base, frame->name), string_of(base, frame->file),
                                 frame->line);
      }
      if (used < room) {
        used += (size_t)snprintf(to + used, room - used, "%llu, ", (unsigned long long)at.times);
      }
    }
  }
}

static const struct {
  const char *text, *want;
} cases[] = {
    {"a;b 2\n", "a@:0 b@:0 2, "},
    {"a;b 2", "a@:0 b@:0 2, "},
    {"a;b 2\r\na 1\r\n", "a@:0 b@:0 2, a@:0 1, "},
    {"a;b\t2\n", "a@:0 b@:0 2, "},
    {"a;b 2  \n\n\na;b 3\n", "a@:0 b@:0 5, "},
    {"\xEF\xBB\xBF" "a 1\n", "a@:0 1, "},
    {"\xEF\xBB\xBF" "{closure};a 1\n", "{closure}@:0 a@:0 1, "},
    {"a 0\nb 1\n", "b@:0 1, "},
    {" 3\na 1\n", "3, a@:0 1, "},
    {"a;;b 1\n", "a@:0 @:0 b@:0 1, "},
    {"<module> (x.py:3);f (a b/x.py:17) 2\n", "<module>@x.py:3 f@a b/x.py:17 2, "},
    {"f (x.py);g (y) 1\n", "f@x.py:0 g (y)@:0 1, "},
    {"x.py:f:12;/lib/z:g.h:3;std::f:9 1\n", "f@x.py:12 g.h@/lib/z:3 std::f:9@:0 1, "},
    {"<frozen os>:f:12 1\n", "f@<frozen os>:12 1, "},
    {"process 12:\"a;b\";thread (7): x;f 1\n", "f@:0 1, "},
    {"f (:0);g (x) (:0) 1\n", "f@:0 g (x)@:0 1, "},
    {"a 2\na;b 1.5\na;c 1e3\na -1\n", "a@:0 2, a@:0 b@:0 1, a@:0 c@:0 1, "},
    {"tid:7;f 1\ntid:8;f 2\n", "f@:0 1, f@:0 2, "},
};

static void stacks_are_read(void) {
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char got[1000] = "";
    pp_base *base = read_text(cases[i].text);
    CHECK(base != NULL && !base->has_time && base->rate == 0);
    if (base == NULL) continue;
    describe(base, got, sizeof got);
    bool same = strcmp(got, cases[i].want) == 0;
    CHECK(same);
    if (!same) printf("# case %zu: %s\n", i, got);
    pp_base_free(base);
  }
}

static void other_lines_are_counted(void) {
  pp_base *base = read_text("# a header 3\n// more\na;b 1\na;c 1\nd 1\ne 1\nno count\n5\n"
                            "x 1.5\nx -1\n\n");
  CHECK(base != NULL && quality_of(base, "lines that are no stacks") == 5);
  if (base == NULL) return;
  CHECK(base->tracks[0].nodes.length == 5);
  pp_base_free(base);
}

static void markers_are_labels_here_too(void) {
  pp_base *base = read_text("process 12:\"a;b\";thread (7): x;f 1\n");
  CHECK(base != NULL && base->track_count == 1);
  if (base == NULL) return;
  CHECK(base->tracks[0].pid == 12 && base->tracks[0].id == 7);
  CHECK(strcmp(string_of(base, base->tracks[0].command), "a;b") == 0);
  CHECK(strcmp(string_of(base, base->tracks[0].name), "x") == 0);
  pp_base_free(base);
}

static void austins_lines_are_samples(void) {
  pp_base *base = read_text("# austin: 4.0.0\n# mode: full\nP12;T0:34;x.py:f:5 100,0,4\n"
                            "P12;T0:34 7,1,-5\nP12;T56;x.py:f:5 100,0,0\n# duration: 8\n");
  CHECK(base != NULL && base->track_count == 2 && base->frame_count == 2 && !base->has_time);
  if (base == NULL) return;
  CHECK(base->metric.unit == PP_UNIT_MICROSECONDS);
  CHECK(strcmp(string_of(base, base->metric.kind), "Wall time") == 0);
  CHECK(base->tracks[0].pid == 12 && base->tracks[0].id == 34 && base->tracks[1].id == 56);
  pp_track_cursor at;
  pp_track_begin(&base->tracks[0], &at);
  CHECK(pp_track_next(&at) && at.node != PP_NODE_ROOT && at.times == 1 && at.weight == 100);
  CHECK(pp_track_next(&at) && at.node == PP_NODE_ROOT && at.times == 1 && at.weight == 7);
  CHECK(!pp_track_next(&at));
  pp_base_free(base);
}

static void utf_16_is_read(void) {
  static const char little[] = "\xFF\xFE" "a\0;\0\x3D\xD8\x00\xDE \0" "2\0\n";
  pp_base *base;
  pp_error error;
  char got[100] = "";
  CHECK(read_bytes(little, sizeof little, NULL, &base, &error) == PP_OK);
  if (base == NULL) return;
  describe(base, got, sizeof got);
  CHECK(strcmp(got, "a@:0 \xF0\x9F\x98\x80@:0 2, ") == 0);
  pp_base_free(base);
  CHECK(read_bytes(little, sizeof little - 1, NULL, &base, &error) == PP_FORMAT);
  CHECK(strcmp(error.message, "UTF-16 text with an odd number of bytes") == 0);
  CHECK(read_bytes("\xFE\xFF\xDC\x00", 4, NULL, &base, &error) == PP_FORMAT);
  CHECK(strcmp(error.message, "UTF-16 text with half a surrogate pair") == 0);
}

static void what_is_broken_is_refused(void) {
  CHECK(is_refused("\n\n", PP_FORMAT, "byte 2 (line 3): the file is empty"));
  CHECK(is_refused("a 1\nb\xFF 1\n", PP_FORMAT, "byte 5 (line 2): invalid UTF-8"));
  CHECK(is_refused("a 1\nb 281474976710656\n", PP_LIMIT,
                   "byte 4 (line 2): more than 2^48 samples"));
  CHECK(is_refused("# only a comment 1\n", PP_FORMAT,
                   "byte 19 (line 2): neither a speedscope recording nor folded stacks"));
  /* Most lines of an ordinary text are no stacks, though some end in numbers. */
  CHECK(is_refused("a 1\n\n  # b\ndef f():\n  return 1\nf = 1\nprint(f)\n\nimport x\ng(x)\n",
                   PP_FORMAT, "byte 5 (line 3): neither a speedscope recording nor folded stacks"));
  pp_base *base;
  pp_error error;
  CHECK(read_bytes("a 1\nb\0 1\n", 9, NULL, &base, &error) == PP_FORMAT);
  CHECK(strcmp(error.message, "byte 5 (line 2): a zero byte: neither speedscope nor folded "
                              "text") == 0);
}

int main(void) {
  RUN(stacks_are_read);
  RUN(other_lines_are_counted);
  RUN(markers_are_labels_here_too);
  RUN(austins_lines_are_samples);
  RUN(utf_16_is_read);
  RUN(what_is_broken_is_refused);
  FINISH();
}
