/* JSON's numbers, from every place of the input, are read as strtod reads them. */
#include <locale.h>
#include <math.h>

#include "fuzz.h"
#include "input/number.h"

static void require_index(const pp_number *number, double value) {
  uint64_t index;
  if (!pp_number_index(number, (uint64_t)1 << 53, &index)) return;
  REQUIRE((double)index == value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static locale_t c;
  if (c == (locale_t)0) c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  char *text = malloc(length + 1);
  memcpy(text, bytes, length);
  text[length] = '\0';
  for (size_t at = 0; at < length;) {
    pp_number number;
    const char *after = pp_number_scan(text + at, &number);
    if (after == NULL) {
      REQUIRE(number.text >= text + at && number.text <= text + length);
      at = (size_t)(number.text - text) + 1;
      continue;
    }
    REQUIRE(after > text + at && after <= text + length);
    char behind = *after;
    text[after - text] = '\0'; /* strtod would read more than JSON: 0x10 */
    char *end;
    double value = pp_number_value(&number, c), wanted = strtod_l(text + at, &end, c);
    REQUIRE(end == after && value == wanted && !signbit(value) == !signbit(wanted));
    require_index(&number, value);
    at = (size_t)(after - text);
    text[at] = behind;
    at++;
  }
  free(text);
  return 0;
}
