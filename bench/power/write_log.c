/* Writes down, in order, every call of a process that changes files in a folder or makes a change of them durable.
 *
 * Loaded with LD_PRELOAD. WRITE_LOG_ROOT is the folder (absolute), WRITE_LOG the log that is appended to. A record is a
 * packed header (kind, descriptor, number, length) and its payload; bench/power/write_log.py reads it and says what
 * each kind means. A call is written down after it has succeeded, under one lock with the call itself, so that the log's
 * order is the order of the calls and a sync that failed is none. What is missed (a call not listed here, a mapped
 * page) is noticed afterwards: the log, replayed whole, must give the folder as it stands.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 65536
#define PATH_BYTES (2 * PATH_MAX)
#define REAL(name) ((__typeof__(&name))real(#name))

struct __attribute__((packed)) header {
    char kind;
    int32_t descriptor;
    int64_t number;
    uint32_t length;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned char tracked[DESCRIPTORS_MAX];
static char root[PATH_MAX];
static size_t root_length; /* 0: not begun, or in a forked child; nothing is written down */
static int out = -1;

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) {
        fprintf(stderr, "write_log: there is no %s to call\n", name);
        abort();
    }
    return found;
}

static void forked(void) { root_length = 0; }

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("WRITE_LOG_ROOT"), *log = getenv("WRITE_LOG");
    if (folder == NULL || log == NULL || strlen(folder) >= sizeof root)
        return;
    out = REAL(open)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (out < 0) {
        perror("write_log: the log cannot be opened");
        abort();
    }
    strcpy(root, folder);
    root_length = strlen(root);
    pthread_atfork(NULL, NULL, forked);
}

static void put(const void *bytes, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t some = REAL(write)(out, (const char *)bytes + done, length - done);
        if (some < 0) {
            perror("write_log: the log cannot be written");
            abort();
        }
        done += (size_t)some;
    }
}

static void say(char kind, int descriptor, int64_t number, const void *payload, size_t length) {
    struct header header = {kind, descriptor, number, (uint32_t)length};
    put(&header, sizeof header);
    put(payload, length);
}

/* The absolute path, in `whole`, of a path as it was given; whether it lies in the folder. */
static int inside(int folder, const char *path, char *whole) {
    if (root_length == 0 || path == NULL)
        return 0;
    if (path[0] == '/') {
        snprintf(whole, PATH_BYTES, "%s", path);
    } else {
        char start[PATH_MAX] = "", link[64];
        if (folder == AT_FDCWD) {
            if (getcwd(start, sizeof start) == NULL)
                return 0;
        } else {
            snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
            ssize_t length = readlink(link, start, sizeof start - 1);
            if (length < 0)
                return 0;
            start[length] = 0;
        }
        snprintf(whole, PATH_BYTES, "%s/%s", start, path);
    }
    return strncmp(whole, root, root_length) == 0 && (whole[root_length] == '/' || whole[root_length] == 0);
}

static int is_tracked(int descriptor) {
    return root_length != 0 && descriptor >= 0 && descriptor < DESCRIPTORS_MAX && tracked[descriptor];
}

/* --- names ------------------------------------------------------------------------------------------------------- */

static int opened(int folder, const char *path, int flags, mode_t mode) {
    char whole[PATH_BYTES];
    if (!inside(folder, path, whole)) {
        int made = REAL(openat)(folder, path, flags, mode);
        if (made >= 0 && made < DESCRIPTORS_MAX)
            tracked[made] = 0;
        return made;
    }
    pthread_mutex_lock(&lock);
    int made = REAL(openat)(folder, path, flags, mode);
    if (made >= DESCRIPTORS_MAX) {
        fprintf(stderr, "write_log: too many open files\n");
        abort();
    }
    if (made >= 0) {
        tracked[made] = 1;
        say('o', made, flags, whole, strlen(whole));
    }
    pthread_mutex_unlock(&lock);
    return made;
}

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...) {                                                                       \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;                                      \
        va_end(rest);                                                                                                  \
        return opened(AT_FDCWD, path, flags, mode);                                                                    \
    }
#define OPENAT(name)                                                                                                   \
    int name(int folder, const char *path, int flags, ...) {                                                           \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;                                      \
        va_end(rest);                                                                                                  \
        return opened(folder, path, flags, mode);                                                                      \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
int __open_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0); }
int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int descriptor) {
    if (!is_tracked(descriptor))
        return REAL(close)(descriptor);
    pthread_mutex_lock(&lock);
    tracked[descriptor] = 0;
    say('c', descriptor, 0, "", 0);
    int done = REAL(close)(descriptor);
    pthread_mutex_unlock(&lock);
    return done;
}

int mkdirat(int folder, const char *path, mode_t mode) {
    char whole[PATH_BYTES];
    if (!inside(folder, path, whole))
        return REAL(mkdirat)(folder, path, mode);
    pthread_mutex_lock(&lock);
    int done = REAL(mkdirat)(folder, path, mode);
    if (done == 0)
        say('m', -1, 0, whole, strlen(whole));
    pthread_mutex_unlock(&lock);
    return done;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int unlinkat(int folder, const char *path, int flags) {
    char whole[PATH_BYTES];
    if (!inside(folder, path, whole))
        return REAL(unlinkat)(folder, path, flags);
    pthread_mutex_lock(&lock);
    int done = REAL(unlinkat)(folder, path, flags);
    if (done == 0)
        say('u', -1, 0, whole, strlen(whole));
    pthread_mutex_unlock(&lock);
    return done;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
    struct stat found;
    return unlinkat(AT_FDCWD, path, lstat(path, &found) == 0 && S_ISDIR(found.st_mode) ? AT_REMOVEDIR : 0);
}

int renameat(int from, const char *old, int to, const char *new) {
    char both[2 * PATH_BYTES], target[PATH_BYTES];
    int within = inside(from, old, both) + inside(to, new, target);
    if (within == 0)
        return REAL(renameat)(from, old, to, new);
    pthread_mutex_lock(&lock);
    int done = REAL(renameat)(from, old, to, new);
    if (done == 0) {
        size_t length = strlen(both);
        strcpy(both + length + 1, target); /* the two with a zero byte between */
        say('r', -1, 0, both, length + 1 + strlen(target));
    }
    pthread_mutex_unlock(&lock);
    return done;
}

int rename(const char *old, const char *new) { return renameat(AT_FDCWD, old, AT_FDCWD, new); }

/* --- contents ---------------------------------------------------------------------------------------------------- */

ssize_t write(int descriptor, const void *bytes, size_t length) {
    if (!is_tracked(descriptor))
        return REAL(write)(descriptor, bytes, length);
    pthread_mutex_lock(&lock);
    ssize_t done = REAL(write)(descriptor, bytes, length);
    if (done > 0) /* the place behind it is right for a file that is appended to as well */
        say('w', descriptor, lseek64(descriptor, 0, SEEK_CUR) - done, bytes, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t at) {
    if (!is_tracked(descriptor))
        return REAL(pwrite64)(descriptor, bytes, length, at);
    pthread_mutex_lock(&lock);
    ssize_t done = REAL(pwrite64)(descriptor, bytes, length, at);
    if (done > 0)
        say('w', descriptor, at, bytes, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t at) {
    return pwrite64(descriptor, bytes, length, at);
}

int ftruncate64(int descriptor, off64_t size) {
    if (!is_tracked(descriptor))
        return REAL(ftruncate64)(descriptor, size);
    pthread_mutex_lock(&lock);
    int done = REAL(ftruncate64)(descriptor, size);
    if (done == 0)
        say('t', descriptor, size, "", 0);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int descriptor, off_t size) { return ftruncate64(descriptor, size); }

static int synced(int descriptor, int (*call)(int)) {
    if (!is_tracked(descriptor))
        return call(descriptor);
    pthread_mutex_lock(&lock);
    int done = call(descriptor);
    if (done == 0)
        say('s', descriptor, 0, "", 0);
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int descriptor) { return synced(descriptor, REAL(fsync)); }
int fdatasync(int descriptor) { return synced(descriptor, REAL(fdatasync)); }
