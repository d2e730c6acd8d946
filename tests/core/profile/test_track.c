#include "profile/track.h"

#include "check.h"

static void equal_neighbours_are_one_run(void) {
  pp_track track = {0};
  CHECK(pp_nodes_add(&track.nodes, 5, 1) && track.nodes.count == 1);
  CHECK(pp_nodes_add(&track.nodes, 5, 1) && track.nodes.count == 2);
  CHECK(pp_nodes_add(&track.nodes, 5, 1000) && track.nodes.count == 2);
  CHECK(pp_nodes_add(&track.nodes, 6, 1) && track.nodes.count == 3);
  CHECK(pp_nodes_add(&track.nodes, PP_NODE_GAP, 2) && track.nodes.count == 5);
  CHECK(track.nodes.length == 1005);
  CHECK(pp_weights_add(&track.weights, 0.25, 1) && track.weights.count == 1);
  CHECK(pp_weights_add(&track.weights, 0.25, 1002) && track.weights.count == 2);
  CHECK(pp_weights_add(&track.weights, -0.0, 1) && track.weights.count == 3);
  CHECK(pp_weights_add(&track.weights, 0.0, 1) && track.weights.count == 4);
  CHECK(track.weights.length == 1005);
  pp_track_seal(&track);

  pp_track_cursor at;
  pp_track_begin(&track, &at);
  CHECK(pp_track_next(&at) && at.node == 5 && at.weight == 0.25 && at.times == 1002);
  CHECK(pp_track_next(&at) && at.node == 6 && at.weight == 0.25 && at.times == 1);
  CHECK(pp_track_next(&at) && at.node == PP_NODE_GAP && at.weight == 0 && at.times == 2);
  CHECK(!pp_track_next(&at));
  pp_track_free(&track);
  pp_track_free(&track);
}

static void a_run_longer_than_32_bits_is_split(void) {
  pp_track track = {0};
  uint64_t many = (uint64_t)3 << 32;
  CHECK(pp_nodes_add(&track.nodes, 9, many) && track.nodes.length == many);
  CHECK(pp_weights_add(&track.weights, 1.5, many));
  pp_track_cursor at;
  pp_track_begin(&track, &at);
  uint64_t sum = 0;
  while (pp_track_next(&at)) {
    CHECK(at.node == 9 && at.weight == 1.5);
    sum += at.times;
  }
  CHECK(sum == many);
  pp_track_free(&track);
}

static void both_streams_are_walked_together(void) {
  pp_track track = {0};
  uint64_t random = 7, total = 0;
  double weight = 0;
  for (int i = 0; i < 1000; i++) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    CHECK(pp_nodes_add(&track.nodes, (pp_node)(random >> 62), (random >> 40) % 4));
    total += (random >> 40) % 4;
  }
  for (uint64_t left = total; left > 0;) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    uint64_t times = (random >> 40) % 5;
    if (times > left) times = left;
    CHECK(pp_weights_add(&track.weights, (double)(random >> 62), times));
    weight += (double)(random >> 62) * (double)times;
    left -= times;
  }
  pp_track_cursor at;
  pp_track_begin(&track, &at);
  uint64_t seen = 0;
  while (pp_track_next(&at)) {
    seen += at.times;
    weight -= at.weight * (double)at.times;
  }
  CHECK(seen == total && weight == 0);
  pp_track_free(&track);
}

static void an_empty_track_has_nothing(void) {
  pp_track track = {0};
  pp_track_cursor at;
  CHECK(pp_nodes_add(&track.nodes, 1, 0) && pp_weights_add(&track.weights, 1, 0));
  pp_track_begin(&track, &at);
  CHECK(!pp_track_next(&at));
  pp_track_free(&track);
}

int main(void) {
  RUN(equal_neighbours_are_one_run);
  RUN(a_run_longer_than_32_bits_is_split);
  RUN(both_streams_are_walked_together);
  RUN(an_empty_track_has_nothing);
  FINISH();
}
