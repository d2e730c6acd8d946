#include "profile/tree.h"

#include <stdlib.h>

#include "check.h"

static void a_first_child_is_the_next_word(void) {
  pp_tree tree;
  CHECK(pp_tree_make(&tree));
  pp_node a = pp_tree_child(&tree, PP_NODE_ROOT, 7);
  pp_node b = pp_tree_child(&tree, a, 8);
  CHECK(a == 1 && b == 2 && tree.count == 3);
  CHECK(pp_tree_child(&tree, PP_NODE_ROOT, 7) == a && pp_tree_child(&tree, a, 8) == b);
  CHECK(pp_tree_parent(&tree, a) == PP_NODE_ROOT && pp_tree_parent(&tree, b) == a);
  pp_tree_free(&tree);
}

static void another_child_begins_a_chain(void) {
  pp_tree tree;
  CHECK(pp_tree_make(&tree));
  pp_node a = pp_tree_child(&tree, PP_NODE_ROOT, 7);
  pp_node b = pp_tree_child(&tree, a, 8);
  pp_node c = pp_tree_child(&tree, a, 9);
  CHECK(!pp_tree_is_node(&tree, b + 1) && c == b + 2);
  CHECK(pp_tree_parent(&tree, c) == a && pp_tree_frame(&tree, c) == 9);
  CHECK(pp_tree_child(&tree, a, 9) == c && pp_tree_child(&tree, a, 8) == b);
  /* Since a chain follows b, its first child cannot be the next word. */
  pp_node d = pp_tree_child(&tree, b, 1);
  CHECK(pp_tree_parent(&tree, d) == b && pp_tree_child(&tree, b, 1) == d);
  pp_tree_free(&tree);
}

static void a_sealed_tree_can_still_grow(void) {
  pp_tree tree;
  CHECK(pp_tree_make(&tree));
  pp_node children[100];
  for (uint32_t i = 0; i < 100; i++) children[i] = pp_tree_child(&tree, PP_NODE_ROOT, i);
  pp_tree_seal(&tree);
  CHECK(tree.table == NULL && tree.capacity == tree.count);
  for (uint32_t i = 0; i < 100; i++) {
    CHECK(pp_tree_child(&tree, PP_NODE_ROOT, i) == children[i]);
  }
  pp_node more = pp_tree_child(&tree, PP_NODE_ROOT, 100);
  CHECK(pp_tree_parent(&tree, more) == PP_NODE_ROOT && pp_tree_frame(&tree, more) == 100);
  pp_tree_free(&tree);
}

#define MANY 200000

typedef struct edge {
  pp_node parent, node;
  uint32_t frame;
} edge;

static int by_key(const void *left, const void *right) {
  const edge *a = left, *b = right;
  if (a->parent != b->parent) return a->parent < b->parent ? -1 : 1;
  if (a->frame != b->frame) return a->frame < b->frame ? -1 : 1;
  return 0;
}

/* Random edges: the same (parent, frame) always gives the same node, any other gives another. */
static void many_children_stay_apart(void) {
  pp_tree tree;
  CHECK(pp_tree_make(&tree));
  edge *edges = calloc(MANY, sizeof *edges);
  pp_node *nodes = calloc(MANY + 1, sizeof *nodes);
  uint32_t random = 1;
  for (uint32_t i = 0; i < MANY; i++) {
    random = random * 1664525 + 1013904223;
    uint32_t from = i - (random >> 8) % (i < 1000 ? i + 1 : 1000);
    edges[i].parent = nodes[from];
    random = random * 1664525 + 1013904223;
    edges[i].frame = (random >> 8) % 5 == 0 ? 0x7fffffff - (random >> 20) : (random >> 8) % 4;
    edges[i].node = nodes[i + 1] = pp_tree_child(&tree, edges[i].parent, edges[i].frame);
  }
  bool right = true;
  for (uint32_t i = 0; i < MANY; i++) {
    right = right && pp_tree_is_node(&tree, edges[i].node);
    right = right && pp_tree_frame(&tree, edges[i].node) == edges[i].frame;
    right = right && pp_tree_parent(&tree, edges[i].node) == edges[i].parent;
    right = right && edges[i].parent < edges[i].node;
  }
  CHECK(right);
  qsort(edges, MANY, sizeof *edges, by_key);
  for (uint32_t i = 1; i < MANY; i++) {
    bool same_key = by_key(&edges[i - 1], &edges[i]) == 0;
    right = right && same_key == (edges[i - 1].node == edges[i].node);
  }
  CHECK(right);
  free(edges);
  free(nodes);
  pp_tree_free(&tree);
}

static void looking_ahead_finds_a_child_and_changes_nothing(void) {
  pp_tree tree;
  CHECK(pp_tree_make(&tree));
  CHECK(pp_tree_guess(&tree, PP_NODE_ROOT, 1) == 0 && pp_tree_probe(&tree, PP_NODE_ROOT, 1) == 0);
  pp_node children[100];
  for (uint32_t i = 0; i < 100; i++) children[i] = pp_tree_child(&tree, PP_NODE_ROOT, i);
  uint32_t count = tree.count;
  unsigned found = 0;
  for (uint32_t i = 1; i < 100; i++) { /* the first child is the next word */
    pp_node guess = pp_tree_guess(&tree, PP_NODE_ROOT, i);
    if (!pp_tree_is_child(&tree, guess, PP_NODE_ROOT, i)) {
      guess = pp_tree_probe(&tree, PP_NODE_ROOT, i);
    }
    bool right = pp_tree_is_child(&tree, guess, PP_NODE_ROOT, i);
    CHECK(!right || guess == children[i]);
    found += right;
  }
  CHECK(found > 90); /* another child may have the same tag */
  for (uint32_t i = 100; i < 200; i++) {
    pp_node guess = pp_tree_probe(&tree, PP_NODE_ROOT, i);
    CHECK(!pp_tree_is_child(&tree, guess, PP_NODE_ROOT, i));
  }
  CHECK(tree.count == count);
  pp_tree_free(&tree);
}

int main(void) {
  RUN(a_first_child_is_the_next_word);
  RUN(another_child_begins_a_chain);
  RUN(a_sealed_tree_can_still_grow);
  RUN(many_children_stay_apart);
  RUN(looking_ahead_finds_a_child_and_changes_nothing);
  FINISH();
}
