#include "source/marks.h"

#include <string.h>

enum { WORD = 1, DIGIT = 2 };

/* The bits of a byte's class, for the portable way. */
enum { EVENT = 1, STRING = 2, NEWLINE = 4 };

static const uint8_t class_of[256] = {
  ['\n'] = EVENT | STRING | NEWLINE, ['\r'] = EVENT | STRING | NEWLINE,
  ['"'] = EVENT | STRING, ['\''] = EVENT | STRING, ['\\'] = EVENT | STRING,
  ['#'] = EVENT, ['('] = EVENT, [')'] = EVENT, ['['] = EVENT, [']'] = EVENT,
  ['{'] = EVENT, ['}'] = EVENT,
};

#define W1 WORD
#define W2 W1, W1
#define W4 W2, W2
#define W8 W4, W4
#define W16 W8, W8
#define W32 W16, W16
#define W26 W16, W8, W2
#define D10 3, 3, 3, 3, 3, 3, 3, 3, 3, 3
const uint8_t pp_is_word[256] = {
  [0x30] = D10, [0x41] = W26, [0x5F] = WORD, [0x61] = W26, [0x80] = W32, W32, W32, W32,
};

/* Can one of these keywords, which matter anywhere in a line, begin with these two letters: and
 * assert for if import lambda or? Other keywords matter only at the beginning of a line. */
static inline bool begins_keyword(char first, char second) {
  switch (first) {
    case 'a': return second == 'n' || second == 's';
    case 'f': return second == 'o';
    case 'i': return second == 'f' || second == 'm';
    case 'l': return second == 'a';
    case 'o': return second == 'r';
    default: return false;
  }
}

static pp_marks_seen marks_portable(const char *text, size_t length, pp_marks *marks) {
  bool zero = false;
  uint8_t high = 0;
  /* In a word that begins with a number, a keyword may begin anywhere: 1if, 0xfor. */
  bool in_number = false;
  uint8_t before = 0;
  for (size_t from = 0; from < length; from += 64, marks++) {
    *marks = (pp_marks){ 0, 0, 0 };
    for (unsigned i = 0; i < 64 && from + i < length; i++) {
      const char *at = text + from + i;
      uint8_t byte = (uint8_t)*at, class = class_of[byte], word = pp_is_word[byte];
      uint64_t bit = (uint64_t)1 << i;
      if (byte == 0) zero = true;
      high |= byte;
      if (class != 0) {
        marks->event |= bit;
        if (class & STRING) marks->string |= bit;
        if (class & NEWLINE) marks->newline |= bit;
      } else if (word != 0) {
        if (!before) in_number = (word & DIGIT) != 0 || (from + i >= 2 && at[-1] == '.' &&
                                                         (pp_is_word[(uint8_t)at[-2]] & DIGIT));
        if ((!before || in_number) && begins_keyword(at[0], at[1])) marks->event |= bit;
      }
      before = word;
    }
  }
  return (pp_marks_seen){ zero, high >= 0x80 };
}

#if defined __x86_64__

#include <immintrin.h>

/* Two lookups, one for each half of a byte, are ANDed and sort 32 bytes into eight classes. */
#define TABLE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)
#define CLASSES(low_table, high_table, bytes, high_half)                    \
  _mm256_and_si256(_mm256_shuffle_epi8(low_table, bytes),                   \
                   _mm256_shuffle_epi8(high_table, high_half))

__attribute__((target("avx2")))
static inline uint32_t mask_of(__m256i bytes, int bit) {
  return (uint32_t)_mm256_movemask_epi8(_mm256_slli_epi16(bytes, 7 - bit));
}

__attribute__((target("avx2")))
static inline uint32_t any_of(__m256i classes, char bits) {
  __m256i some = _mm256_cmpgt_epi8(_mm256_and_si256(classes, _mm256_set1_epi8(bits)),
                                   _mm256_setzero_si256());
  return (uint32_t)_mm256_movemask_epi8(some);
}

/* Classes of punctuation: 1 newlines (0A 0D), 2 quotes (22 27), 4 \ (5C), 8 # (23),
 * 16 ( and ) (28 29), 32 [ { (5B 7B), 64 ] } (5D 7D), by low half and high half.
 * Classes of words: 1 digits (30-39), 2 letters of the first row (41-4F 61-6F),
 * 4 letters of the second (50-5A 70-7A), 8 _ (5F), 16 the dot (2E).
 * Classes of the first two letters of keywords, one bit for each pair:
 * 1 an, 2 as, 4 fo, 8 if, 16 im, 32 la, 64 or. */
__attribute__((target("avx2")))
static pp_marks_seen marks_avx2(const char *text, size_t length, pp_marks *marks) {
  const __m256i punct_low = TABLE(0, 0, 2, 8, 0, 0, 0, 2, 16, 16, 1, 32, 4, 1 | 64, 0, 0);
  const __m256i punct_high = TABLE(1, 0, 2 | 8 | 16, 0, 0, 4 | 32 | 64, 0, 32 | 64,
                                   0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i word_low = TABLE(1 | 4, 1 | 2 | 4, 1 | 2 | 4, 1 | 2 | 4, 1 | 2 | 4, 1 | 2 | 4,
                                 1 | 2 | 4, 1 | 2 | 4, 1 | 2 | 4, 1 | 2 | 4, 2 | 4, 2, 2, 2,
                                 2 | 16, 2 | 8);
  const __m256i word_high = TABLE(0, 0, 16, 1, 2, 4 | 8, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i first_low = TABLE(0, 1 | 2, 0, 0, 0, 0, 4, 0, 0, 8 | 16, 0, 0, 32, 0, 0, 64);
  const __m256i first_high = TABLE(0, 0, 0, 0, 0, 0, 127, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i second_low = TABLE(0, 32, 64, 2, 0, 0, 8, 0, 0, 0, 0, 0, 0, 16, 1, 4);
  const __m256i second_high = TABLE(0, 0, 0, 0, 0, 0, 1 | 4 | 8 | 16 | 32, 2 | 64,
                                    0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i low_half = _mm256_set1_epi8(15);
  const __m256i zeros = _mm256_setzero_si256();
  __m256i high_seen = zeros, least = _mm256_set1_epi8(-1);
  uint64_t word_before = 0, number_before = 0, dot_before = 0, digits_before = 0;
  for (size_t from = 0; from < length; from += 64, marks++) {
    uint64_t event = 0, string = 0, newline = 0, word = 0, digit = 0, dot = 0, pair = 0;
    for (int i = 0; i < 2; i++) {
      __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(text + from + 32 * i));
      __m256i next =
        _mm256_loadu_si256((const __m256i *)(const void *)(text + from + 32 * i + 1));
      __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low_half);
      __m256i next_high = _mm256_and_si256(_mm256_srli_epi16(next, 4), low_half);
      /* The lookup in the low tables gives 0 for a byte above 127. */
      __m256i punct = CLASSES(punct_low, punct_high, bytes, high);
      __m256i words = CLASSES(word_low, word_high, bytes, high);
      __m256i pairs = _mm256_and_si256(CLASSES(first_low, first_high, bytes, high),
                                       CLASSES(second_low, second_high, next, next_high));
      high_seen = _mm256_or_si256(high_seen, bytes);
      least = _mm256_min_epu8(least, bytes);
      unsigned shift = 32u * (unsigned)i;
      uint32_t above = (uint32_t)_mm256_movemask_epi8(bytes);
      event |= (uint64_t)any_of(punct, 127) << shift;
      string |= (uint64_t)any_of(punct, 1 | 2 | 4) << shift;
      newline |= (uint64_t)mask_of(punct, 0) << shift;
      word |= (uint64_t)(any_of(words, 15) | above) << shift;
      digit |= (uint64_t)mask_of(words, 0) << shift;
      dot |= (uint64_t)mask_of(words, 4) << shift;
      pair |= (uint64_t)any_of(pairs, 127) << shift;
    }
    uint64_t start = word & ~(word << 1 | word_before);
    /* For a word that begins with a number, the carry of an addition runs to its end. */
    uint64_t after_number = (dot << 1 | dot_before) & (digit << 2 | digits_before);
    uint64_t number_start = (start & (digit | after_number)) | (number_before & word);
    uint64_t number = word & ~(word + number_start);
    event |= pair & (start | number);
    number_before = number >> 63;
    word_before = word >> 63;
    dot_before = dot >> 63;
    digits_before = digit >> 62;
    *marks = (pp_marks){ event, string, newline };
  }
  bool zero = _mm256_movemask_epi8(_mm256_cmpeq_epi8(least, zeros)) != 0;
  /* The zero byte may have been behind the end. */
  if (zero) zero = memchr(text, 0, length) != NULL;
  return (pp_marks_seen){ zero, _mm256_movemask_epi8(high_seen) != 0 };
}

int pp_marks_ways(void) {
  return __builtin_cpu_supports("avx2") ? 2 : 1;
}

pp_marks_find *pp_marks_way(int way) {
  return way == 1 && __builtin_cpu_supports("avx2") ? marks_avx2 : marks_portable;
}

#else

int pp_marks_ways(void) {
  return 1;
}

pp_marks_find *pp_marks_way(int way) {
  (void)way;
  return marks_portable;
}

#endif
