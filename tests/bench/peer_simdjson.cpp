// peer_simdjson FILE: self and total samples by function name, by simdjson's On Demand interface.
// What a C++ program would do in its place, and no more: one pass for the frames, one for the
// samples or events, no times, no stacks, no checks beyond the parser's own.
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <simdjson.h>

using namespace simdjson;

struct Counter {
  std::vector<uint32_t> function_of;
  std::vector<std::string> names;
  std::vector<uint64_t> self, total, stamp;
  uint64_t now = 0, samples = 0;

  void frames(ondemand::array list) {
    std::unordered_map<std::string, uint32_t> numbers;
    for (ondemand::object frame : list) {
      std::string_view name = frame["name"].get_string();
      auto [at, is_new] = numbers.try_emplace(std::string(name), names.size());
      if (is_new) names.emplace_back(name);
      function_of.push_back(at->second);
    }
    self.resize(names.size());
    total.resize(names.size());
    stamp.resize(names.size());
  }

  void see(uint64_t frame) {
    uint32_t function = function_of.at(frame);
    if (stamp[function] == now) return;
    stamp[function] = now;
    total[function]++;
  }

  void sampled(ondemand::array stacks) {
    for (ondemand::array stack : stacks) {
      now++;
      uint64_t last = UINT64_MAX;
      for (uint64_t frame : stack) see(last = frame);
      if (last == UINT64_MAX) continue;
      self[function_of.at(last)]++;
      samples++;
    }
  }

  void evented(ondemand::array events) {
    std::vector<uint64_t> open;
    double before = 0;
    for (ondemand::object event : events) {
      std::string_view type = event["type"].get_string();
      double at = event["at"].get_double();
      uint64_t frame = event["frame"].get_uint64();
      if (at > before && !open.empty()) {
        now++;
        for (uint64_t one : open) see(one);
        self[function_of.at(open.back())]++;
        samples++;
      }
      before = at;
      if (type == "O") open.push_back(frame);
      else open.pop_back();
    }
  }
};

int main(int, char **argv) {
  padded_string text;
  if (padded_string::load(argv[1]).get(text) != SUCCESS) return 1;
  ondemand::parser parser;
  ondemand::document document = parser.iterate(text);
  Counter counter;
  counter.frames(document["shared"]["frames"].get_array());
  document.rewind();
  for (ondemand::object profile : document["profiles"].get_array()) {
    for (auto field : profile) {
      std::string_view key = field.unescaped_key();
      if (key == "samples") counter.sampled(field.value().get_array());
      else if (key == "events") counter.evented(field.value().get_array());
    }
  }
  std::printf("%llu samples\n", (unsigned long long)counter.samples);
  for (size_t i = 0; i < counter.names.size(); i++) {
    if (counter.total[i] == 0) continue;
    std::printf("%llu %llu %s\n", (unsigned long long)counter.self[i],
                (unsigned long long)counter.total[i], counter.names[i].c_str());
  }
}
