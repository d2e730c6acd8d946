/* floor FILE: reads it in blocks of 1 MiB and searches each once. No reader can be faster. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words) {
  size_t size = (size_t)1 << 20;
  char *block = malloc(size);
  int fd = count > 1 ? open(words[1], O_RDONLY) : -1;
  unsigned long found = 0;
  if (fd < 0 || block == NULL) return 1;
  for (ssize_t got; (got = read(fd, block, size)) > 0;) {
    found += memchr(block, 1, (size_t)got) != NULL;
  }
  printf("%lu\n", found);
  return 0;
}
