/* A disk that loses power: bytes written to a write-ahead log (*.log) or to the journal are held in memory and reach the file only
 * when it is synced; what is held when the process ends is lost. With LOSTSYNC_LIES set a sync says that it was done and does
 * nothing, which is how a program without syncs would fare. Preloaded into the program by the tests; Linux. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 1024 };
static struct { char *bytes; size_t len; int is_held; } held[FILES];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define IS_HELD(fd) ((fd) >= 0 && (fd) < FILES && held[fd].is_held)

static int ends_with(const char *path, const char *end) {
  size_t n = strlen(path), m = strlen(end);
  return n >= m && strcmp(path + n - m, end) == 0;
}

static int opened(int fd, const char *path, int flags) {
  if (fd >= 0 && fd < FILES && (flags & O_ACCMODE) != O_RDONLY)
    held[fd].is_held = ends_with(path, ".log") || ends_with(path, "journal.jsonl");
  return fd;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest); \
    return opened(REAL(name)(path, flags, mode), path, flags); \
  }
OPEN(open)
OPEN(open64)

ssize_t write(int fd, const void *bytes, size_t len) {
  if (!IS_HELD(fd)) return REAL(write)(fd, bytes, len);
  char *grown = realloc(held[fd].bytes, held[fd].len + len + 1);
  if (!grown) { errno = ENOSPC; return -1; }
  memcpy(grown + held[fd].len, bytes, len);
  held[fd].bytes = grown, held[fd].len += len;
  return (ssize_t)len;
}

static int let_go(int fd) {
  if (!IS_HELD(fd)) return 1;
  if (getenv("LOSTSYNC_LIES")) return 0;
  int is_whole = REAL(write)(fd, held[fd].bytes, held[fd].len) == (ssize_t)held[fd].len;
  held[fd].len = 0;
  return is_whole;
}
int fsync(int fd) { return let_go(fd) ? REAL(fsync)(fd) : 0; }
int fdatasync(int fd) { return let_go(fd) ? REAL(fdatasync)(fd) : 0; }
int close(int fd) { if (IS_HELD(fd)) held[fd].is_held = 0, held[fd].len = 0; return REAL(close)(fd); }
