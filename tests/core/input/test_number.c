#include "input/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static locale_t c;

/* Scans a number and returns its length, or -1 if the grammar is broken. */
static int scan(const char *text, double *value) {
  pp_number number;
  const char *after = pp_number_scan(text, &number);
  if (after == NULL) return -1;
  *value = pp_number_value(&number, c);
  return (int)(after - text);
}

static void the_grammar_is_jsons(void) {
  static const struct {
    const char *text;
    int length;
  } cases[] = {{"0", 1},     {"-0", 2},   {"01", 1},   {"10]", 2},  {"1.5,", 3}, {"1e5", 3},
               {"1E+05", 5}, {"-", -1},   {".5", -1},  {"+1", -1},  {"1.", -1},  {"1.e3", -1},
               {"1e", -1},   {"1e-", -1}, {"NaN", -1}, {"Inf", -1}, {"0x10", 1}, {"1.5.5", 3}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double value;
    int length = scan(cases[i].text, &value);
    if (length != cases[i].length) printf("# %s: %d\n", cases[i].text, length);
    CHECK(length == cases[i].length);
  }
}

static void odd_numbers_are_exact(void) {
  static const char *const cases[] = {
      "0.1", "0.30000000000000004", "9007199254740993", "9007199254740992.9999999999999999999",
      "123456789012345678", "1.7976931348623157e308", "5e-324", "2.4703282292062327e-324",
      "2.4703282292062328e-324", "1e22", "1e23", "8.41e21",
      "0.000000000000000000012345678901234567",
      "9223372036854775807", "18446744073709551616", "1000000000000000000000", "1e-400",
      "4503599627370497.5", "4503599627370496.5",
      "0.500000000000000166533453693773481063544750213623046875"};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double value = -1;
    CHECK(scan(cases[i], &value) == (int)strlen(cases[i]) && value == strtod(cases[i], NULL));
  }
  double value;
  CHECK(scan("1e400", &value) == 5 && isinf(value));
  CHECK(scan("-0", &value) == 2 && value == 0);
}

static void random_numbers_are_exact(void) {
  uint64_t random = 42;
  int wrong = 0;
  for (int i = 0; i < 1000000; i++) {
    char text[80];
    random = random * 6364136223846793005u + 1442695040888963407u;
    uint64_t digits = random >> (random >> 60 | (random >> 55 & 32));
    random = random * 6364136223846793005u + 1442695040888963407u;
    int places = (int)(random >> 59) % 22;
    if (random >> 40 & 1) {
      snprintf(text, sizeof text, "%llu.%0*llu", (unsigned long long)(digits >> 40), places + 1,
               (unsigned long long)(digits & 0xFFFFFFFFFF));
    } else {
      snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, places - 24);
    }
    double value = -1;
    wrong += scan(text, &value) != (int)strlen(text) || value != strtod(text, NULL);
  }
  CHECK(wrong == 0);
}

static void an_index_is_any_whole_number(void) {
  static const struct {
    const char *text;
    uint64_t index;
    bool is;
  } cases[] = {{"0", 0, true},      {"-0", 0, true},    {"7", 7, true},     {"1e2", 100, true},
               {"1.0", 1, true},    {"120e-1", 12, true}, {"0e999", 0, true}, {"1.5", 0, false},
               {"-1", 0, false},    {"1e-1", 0, false}, {"1001", 0, false}, {"1e99", 0, false},
               {"1000", 1000, true}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    pp_number number;
    uint64_t index = 0;
    CHECK(pp_number_scan(cases[i].text, &number) != NULL);
    bool is = pp_number_index(&number, 1000, &index);
    if (is != cases[i].is) printf("# %s\n", cases[i].text);
    CHECK(is == cases[i].is && (!is || index == cases[i].index));
  }
}

int main(void) {
  c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  RUN(the_grammar_is_jsons);
  RUN(odd_numbers_are_exact);
  RUN(random_numbers_are_exact);
  RUN(an_index_is_any_whole_number);
  freelocale(c);
  FINISH();
}
