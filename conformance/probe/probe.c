/*
 * Looks around from where it runs and tells what it sees as one line of JSON.
 *
 *   probe [OPERATION ARGUMENTS]...
 *
 * Operations run in order; each adds a result. It is static and needs nothing of a root file system,
 * so that it runs in a container as well as in a hook on the host. See report.ts for the shapes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/keyctl.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

extern char **environ;

/* ---- JSON, into memory: an operation may close or break every descriptor ---- */

static FILE *out;
static char *text;
static size_t length;
static bool first = true;

static void comma(void)
{
    if (!first) fputc(',', out);
    first = false;
}

static void put_bytes(const char *bytes, size_t count)
{
    fputc('"', out);
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f) fprintf(out, "\\u%04x", c);
        else fputc(c, out);
    }
    fputc('"', out);
}

static void put_text(const char *value) { put_bytes(value, strlen(value)); }

static void key(const char *name)
{
    comma();
    put_text(name);
    fputc(':', out);
}

static void open_with(char bracket)
{
    fputc(bracket, out);
    first = true;
}

static void close_with(char bracket)
{
    fputc(bracket, out);
    first = false;
}

static void number(const char *name, long long value)
{
    key(name);
    fprintf(out, "%lld", value);
}

static void string(const char *name, const char *value)
{
    key(name);
    put_text(value);
}

static void element(const char *value)
{
    comma();
    put_text(value);
}

/* ---- What every report has ---- */

static void put_rest(int fd)
{
    static char bytes[1 << 20];
    ssize_t got = 0;
    size_t count = 0;
    while (count < sizeof bytes && (got = read(fd, bytes + count, sizeof bytes - count)) > 0)
        count += (size_t)got;
    /* So ends a terminal whose last user is gone. */
    if (got < 0 && !(errno == EIO && count > 0)) fprintf(out, "{\"errno\":%d}", errno);
    else put_bytes(bytes, count);
}

static void put_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) fprintf(out, "{\"errno\":%d}", errno);
    else put_rest(fd);
    if (fd >= 0) close(fd);
}

static void put_link(const char *path)
{
    char target[4096];
    ssize_t count = readlink(path, target, sizeof target);
    if (count < 0) fprintf(out, "{\"errno\":%d}", errno);
    else put_bytes(target, (size_t)count);
}

static const char *const files[] = {
    "status", "limits", "mountinfo", "cgroup", "oom_score_adj", "timens_offsets", "personality",
    "uid_map", "gid_map", "attr/current", "stat",
};
static const char *const namespaces[] = {
    "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts",
};

static void put_self(const char *name, const char *folder, const char *const *list, size_t count,
                     void (*put)(const char *))
{
    key(name);
    open_with('{');
    for (size_t i = 0; i < count; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/%s%s", folder, list[i]);
        key(list[i]);
        put(path);
    }
    close_with('}');
}

static void put_list(const char *name, char **list)
{
    key(name);
    open_with('[');
    while (*list) element(*list++);
    close_with(']');
}

static const char *kind(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG: return "file";
    case S_IFDIR: return "directory";
    case S_IFLNK: return "link";
    case S_IFCHR: return "character";
    case S_IFBLK: return "block";
    case S_IFIFO: return "fifo";
    case S_IFSOCK: return "socket";
    default: return "other";
    }
}

/* By fstat, since there may be no /proc to list them in. */
static void put_descriptors(void)
{
    key("fds");
    open_with('[');
    for (int fd = 0; fd < 1024; fd++) {
        struct stat status;
        if (fstat(fd, &status) != 0) continue;
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        comma();
        open_with('{');
        number("fd", fd);
        string("type", kind(status.st_mode));
        number("inode", (long long)status.st_ino);
        number("terminal", isatty(fd));
        key("target");
        put_link(path);
        close_with('}');
    }
    close_with(']');
}

struct scheduling {
    unsigned size, policy;
    unsigned long long flags;
    int nice;
    unsigned priority;
    unsigned long long runtime, deadline, period;
    unsigned clamp_min, clamp_max;
};

static void put_scheduling(void)
{
    struct scheduling now = {0};
    key("scheduling");
    open_with('{');
    if (syscall(SYS_sched_getattr, 0, &now, sizeof now, 0) == 0) {
        number("policy", now.policy);
        number("flags", (long long)now.flags);
        number("nice", now.nice);
        number("priority", now.priority);
        number("runtime", (long long)now.runtime);
        number("deadline", (long long)now.deadline);
        number("period", (long long)now.period);
    }
    number("io", syscall(SYS_ioprio_get, 1, 0));
    close_with('}');
}

static void put_memory_policy(void)
{
    int mode = -1;
    unsigned long nodes[16] = {0};
    key("memoryPolicy");
    open_with('{');
    if (syscall(SYS_get_mempolicy, &mode, nodes, sizeof nodes * 8, 0, 0) == 0) {
        number("mode", mode);
        number("nodes", (long long)nodes[0]);
    }
    close_with('}');
}

static void put_everything(char **argv)
{
    struct utsname names;
    char cwd[4096] = "";
    uname(&names);
    if (!getcwd(cwd, sizeof cwd)) snprintf(cwd, sizeof cwd, "errno %d", errno);
    put_descriptors();
    put_list("argv", argv);
    put_list("env", environ);
    string("cwd", cwd);
    number("pid", getpid());
    number("ppid", getppid());
    number("sid", getsid(0));
    number("pgid", getpgid(0));
    string("hostname", names.nodename);
    string("domainname", names.domainname);
    string("machine", names.machine);
    put_self("files", "", files, sizeof files / sizeof *files, put_file);
    put_self("namespaces", "ns/", namespaces, sizeof namespaces / sizeof *namespaces, put_link);
    put_scheduling();
    put_memory_policy();
    number("keyring", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
}

/* ---- Operations ---- */

static void result(long value) { number(value < 0 ? "errno" : "value", value < 0 ? errno : value); }

static void on_stat(char **args)
{
    struct stat status;
    if (lstat(args[0], &status) != 0) return result(-1);
    string("type", kind(status.st_mode));
    number("mode", status.st_mode & 07777);
    number("uid", status.st_uid);
    number("gid", status.st_gid);
    number("major", major(status.st_rdev));
    number("minor", minor(status.st_rdev));
    number("size", status.st_size);
    number("inode", (long long)status.st_ino);
    number("device", (long long)status.st_dev);
    if (!S_ISLNK(status.st_mode)) return;
    key("target");
    put_link(args[0]);
}

static void on_read(char **args)
{
    key("text");
    put_file(args[0]);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void on_list(char **args)
{
    DIR *folder = opendir(args[0]);
    if (!folder) return result(-1);
    char *names[4096];
    size_t count = 0;
    for (struct dirent *entry; count < 4096 && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) names[count++] = strdup(entry->d_name);
    closedir(folder);
    qsort(names, count, sizeof *names, by_name);
    key("names");
    open_with('[');
    for (size_t i = 0; i < count; i++) element(names[i]);
    close_with(']');
}

static void write_with(char **args, int flags)
{
    int fd = open(args[0], flags | O_CLOEXEC, 0644);
    if (fd < 0) return result(-1);
    ssize_t count = write(fd, args[1], strlen(args[1]));
    result(count);
    close(fd);
}

static void on_write(char **args) { write_with(args, O_WRONLY | O_CREAT | O_TRUNC); }
static void on_append(char **args) { write_with(args, O_WRONLY | O_CREAT | O_APPEND); }

/* `r`, `w`, `rw`; for devices, where opening is what may be forbidden. */
static void on_open(char **args)
{
    bool reads = strchr(args[1], 'r'), writes = strchr(args[1], 'w');
    int fd = open(args[0], (reads && writes ? O_RDWR : writes ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_CLOEXEC);
    result(fd < 0 ? -1 : 0);
    if (fd >= 0) close(fd);
}

static void on_statfs(char **args)
{
    struct statfs status;
    if (statfs(args[0], &status) != 0) return result(-1);
    number("magic", status.f_type);
    number("flags", (long long)status.f_flags);
    number("bytes", (long long)status.f_blocks * (long long)status.f_bsize);
    number("inodes", (long long)status.f_files);
}

static void on_mkdir(char **args) { result(mkdir(args[0], 0755)); }
static void on_rmdir(char **args) { result(rmdir(args[0])); }
static void on_unlink(char **args) { result(unlink(args[0])); }
static void on_symlink(char **args) { result(symlink(args[0], args[1])); }
static void on_chmod(char **args) { result(chmod(args[0], (mode_t)strtol(args[1], NULL, 8))); }

static void on_chown(char **args)
{
    result(chown(args[0], (uid_t)atoi(args[1]), (gid_t)atoi(args[2])));
}

/* mknod PATH c|b|p|s MAJOR MINOR; at a socket that was made so nobody listens. */
static void on_mknod(char **args)
{
    mode_t type = *args[1] == 'c' ? S_IFCHR : *args[1] == 'b' ? S_IFBLK : *args[1] == 's' ? S_IFSOCK : S_IFIFO;
    result(mknod(args[0], type | 0666, makedev((unsigned)atoi(args[2]), (unsigned)atoi(args[3]))));
}

/* mount SOURCE TARGET TYPE OPTIONS-OF-THE-FILE-SYSTEM; `bind` is a type here. */
static void on_mount(char **args)
{
    bool bind = !strcmp(args[2], "bind");
    result(mount(args[0], args[1], bind ? NULL : args[2], bind ? MS_BIND : 0, bind ? NULL : args[3]));
}

static void on_unmount(char **args) { result(umount2(args[0], 0)); }

/* A system call by number, with zeros: what a filter answers is seen, and little can happen. */
static void on_syscall(char **args) { result(syscall(atol(args[0]), 0, 0, 0, 0, 0, 0)); }

static void on_getrlimit(char **args)
{
    struct rlimit limit;
    if (getrlimit(atoi(args[0]), &limit) != 0) return result(-1);
    key("soft");
    fprintf(out, "\"%llu\"", (unsigned long long)limit.rlim_cur);
    key("hard");
    fprintf(out, "\"%llu\"", (unsigned long long)limit.rlim_max);
}

/* How a program ends: the exit code, or 128 and the signal; 127 if it cannot be executed. */
static void on_execute(char **args)
{
    pid_t child = fork();
    if (child == 0) {
        char *command[] = {args[0], NULL};
        execv(args[0], command);
        _exit(errno == EACCES ? 126 : 127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) return result(-1);
    result(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static void on_kill(char **args) { result(kill(atoi(args[0]), atoi(args[1]))); }

static void on_connect(char **args)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", args[0]);
    result(connect(fd, (struct sockaddr *)&address, sizeof address));
    close(fd);
}

/* What a hook gets. */
static char input[1 << 16];

static void on_stdin(char **args)
{
    (void)args;
    ssize_t got;
    size_t count = 0;
    while (count < sizeof input - 1 && (got = read(0, input + count, sizeof input - 1 - count)) > 0)
        count += (size_t)got;
    key("text");
    put_bytes(input, count);
}

/* The process that the state on the standard input (read before, with `stdin`) tells the pid of. */
static void on_container(char **args)
{
    (void)args;
    const char *found = strstr(input, "\"pid\"");
    int pid = found ? atoi(found + 5 + strspn(found + 5, " \t\n:")) : 0;
    char path[64];
    key("namespaces");
    open_with('{');
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
        snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, namespaces[i]);
        key(namespaces[i]);
        put_link(path);
    }
    close_with('}');
    for (const char *const *name = (const char *const[]){"mountinfo", "cmdline", NULL}; *name; name++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pid, *name);
        key(*name);
        put_file(path);
    }
}

/* ---- Terminals ---- */

static void on_window(char **args)
{
    (void)args;
    struct winsize size;
    if (ioctl(0, TIOCGWINSZ, &size) != 0) return result(-1);
    number("rows", size.ws_row);
    number("columns", size.ws_col);
}

/* The same as soon as somebody has given the terminal a size. */
/* resized ROWS: asks for that many, and waits for them. */
static void on_resized(char **args)
{
    struct winsize size = {0};
    dprintf(0, "\x1b[8;%s;120t", args[0]);
    for (int i = 0; i < 2000 && ioctl(0, TIOCGWINSZ, &size) == 0 && size.ws_row != atoi(args[0]); i++) usleep(1000);
    on_window(args);
}

static void on_sized(char **args)
{
    struct winsize size = {0};
    for (int i = 0; i < 2000 && ioctl(0, TIOCGWINSZ, &size) == 0 && size.ws_row == 0; i++) usleep(1000);
    on_window(args);
}

struct message {
    char bytes[4096];
    ssize_t length;
    /* How many descriptors came, and the first of them. */
    int descriptors, fd;
};

static struct message receive(int from)
{
    struct message got = {.fd = -1};
    union {
        char bytes[CMSG_SPACE(8 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {got.bytes, sizeof got.bytes};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    got.length = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = got.length < 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_type != SCM_RIGHTS) return got;
    memcpy(&got.fd, CMSG_DATA(header), sizeof got.fd);
    got.descriptors = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof got.fd);
    return got;
}

/* The name appears when the socket can be used: who waits for it never comes too early. */
static int listen_at(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int server = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s~", path);
    if (bind(server, (struct sockaddr *)&address, sizeof address) != 0) return -1;
    if (type == SOCK_STREAM && listen(server, 8) != 0) return -1;
    return rename(address.sun_path, path) == 0 ? server : -1;
}

/*
 * A console socket: says on standard output that it listens, takes the terminal that somebody sends
 * and reads it to its end.
 */
static void on_console(char **args)
{
    int server = listen_at(args[0], SOCK_STREAM);
    if (server < 0) return result(-1);
    if (write(1, "listening\n", 10) != 10) return result(-1);
    int client = accept(server, NULL, NULL);
    struct message got = receive(client);
    number("value", got.descriptors);
    close(client);
    close(server);
    key("text");
    put_rest(got.fd);
    close(got.fd);
}

static void on_sleep(char **args) { usleep((useconds_t)atoi(args[0]) * 1000); }

/* A process beside this one, which lives until somebody ends it. */
static void on_child(char **args)
{
    (void)args;
    pid_t child = fork();
    if (child == 0)
        for (;;) pause();
    result(child);
}

/* A process whose parent has ended; who adopts it can be seen from outside. */
static void on_orphan(char **args)
{
    (void)args;
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0)
            for (;;) pause();
        _exit(0);
    }
    result(waitpid(child, NULL, 0));
}

/* ---- What an engine does around a runtime ---- */

/* Of an operation that takes all arguments that are left. */
static bool over;

/* Puts the text of a message and the number of its descriptors; answers the first one. */
static int put_message(int from)
{
    struct message got = receive(from);
    if (got.length < 0) return result(-1), -1;
    key("text");
    put_bytes(got.bytes, (size_t)got.length);
    number("descriptors", got.descriptors);
    return got.fd;
}

static int received = -1;

/* receive PATH: the first message that somebody sends there, and how many bytes come after it. */
static void on_receive(char **args)
{
    char rest, path[64];
    int server = listen_at(args[0], SOCK_STREAM);
    int client = server < 0 ? -1 : accept4(server, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) return result(-1);
    received = put_message(client);
    number("more", recv(client, &rest, 1, 0));
    close(client);
    if (received < 0) return;
    number("terminal", isatty(received));
    snprintf(path, sizeof path, "/proc/self/fd/%d", received);
    key("target");
    put_link(path);
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", received);
    key("info");
    put_file(path);
}

/* What can be read from the descriptor that was received, to its end. */
static void on_drain(char **args)
{
    (void)args;
    key("text");
    put_rest(received);
}

/* datagrams PATH: as a service manager takes them, until one says END. */
static void on_datagrams(char **args)
{
    int server = listen_at(args[0], SOCK_DGRAM);
    char next[4] = "";
    key("messages");
    open_with('[');
    while (server >= 0 && recv(server, next, 4, MSG_PEEK) >= 0 && memcmp(next, "END", 4)) {
        comma();
        open_with('{');
        int fd = put_message(server);
        if (fd >= 0) close(fd);
        close_with('}');
        memset(next, 0, sizeof next);
    }
    close_with(']');
}

/* Sends a text to the service manager that the environment names. */
static void on_notify(char **args)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path ? path : "");
    result(sendto(fd, args[0], strlen(args[0]), 0, (struct sockaddr *)&address, sizeof address));
    close(fd);
}

/* reap PROGRAM ARGUMENTS: adopts what it leaves, and tells the end of each process, in order. */
static void on_reap(char **args)
{
    over = true;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t child = fork();
    if (child == 0) {
        execvp(args[0], args);
        _exit(127);
    }
    key("ended");
    open_with('[');
    int status;
    for (pid_t pid; (pid = wait(&status)) > 0;) {
        comma();
        open_with('{');
        number("pid", pid);
        number("status", WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
        close_with('}');
    }
    close_with(']');
}

/* activate COUNT PROGRAM ARGUMENTS: with so many descriptors, as a service manager passes them. */
static void on_activate(char **args)
{
    char pid[16];
    over = true;
    snprintf(pid, sizeof pid, "%d", getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", args[0], 1);
    execvp(args[1], args + 1);
    result(-1);
}

/* without DIGITS PROGRAM ARGUMENTS: closes those descriptors before. */
static void on_without(char **args)
{
    over = true;
    for (const char *digit = args[0]; *digit; digit++) close(*digit - '0');
    execvp(args[1], args + 1);
    result(-1);
}

/* From a terminal: its size changes where that is asked for, as an emulator does (XTWINOPS 8). */
static ssize_t copy(int from, int to)
{
    char bytes[4097];
    ssize_t count = read(from, bytes, sizeof bytes - 1);
    if (count <= 0) return -1;
    bytes[count] = 0;
    struct winsize size = {0};
    const char *asked = strstr(bytes, "\x1b[8;");
    if (asked && sscanf(asked, "\x1b[8;%hu;%hut", &size.ws_row, &size.ws_col) == 2) ioctl(from, TIOCSWINSZ, &size);
    return write(to, bytes, (size_t)count);
}

static bool is_same(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
           a->c_lflag == b->c_lflag && !memcmp(a->c_cc, b->c_cc, sizeof a->c_cc);
}

/*
 * terminal PROGRAM ARGUMENTS: runs it on a terminal of its own, of 33 by 101. What comes in is typed,
 * what the program shows goes to the error output; tells whether the terminal is as it was at the end.
 */
static void on_terminal(char **args)
{
    struct winsize size = {.ws_row = 33, .ws_col = 101};
    struct termios before = {0}, after = {0};
    int master, slave, status = 0;
    over = true;
    if (openpty(&master, &slave, NULL, NULL, &size) != 0) return result(-1);
    tcgetattr(slave, &before);
    pid_t child = fork();
    if (child == 0) {
        close(master);
        login_tty(slave);
        execvp(args[0], args);
        _exit(127);
    }
    struct pollfd all[] = {{.fd = master, .events = POLLIN}, {.fd = 0, .events = POLLIN},
                           {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN}};
    /* What the program has written before its end is there when that is seen. */
    while (poll(all, 3, -1) > 0 && (all[0].revents || !all[2].revents)) {
        if (all[0].revents && copy(master, 2) < 0) break;
        if (all[1].revents && copy(0, master) < 0) all[1].fd = -1;
    }
    waitpid(child, &status, 0);
    tcgetattr(slave, &after);
    number("restored", is_same(&before, &after));
    number("status", WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* ---- Operations on namespaces ---- */

static const struct {
    const char *name;
    int flag;
} kinds_of_namespace[] = {
    {"cgroup", 0x02000000}, {"ipc", CLONE_NEWIPC}, {"mount", CLONE_NEWNS},
    {"network", CLONE_NEWNET}, {"pid", CLONE_NEWPID}, {"time", 0x00000080},
    {"user", CLONE_NEWUSER}, {"uts", CLONE_NEWUTS},
};

/* Of those of pid and time, only children are members: `child`. */
static void on_unshare(char **args)
{
    for (size_t i = 0; i < sizeof kinds_of_namespace / sizeof *kinds_of_namespace; i++)
        if (!strcmp(kinds_of_namespace[i].name, args[0])) {
            int flag = kinds_of_namespace[i].flag;
            if (unshare(flag) != 0) return result(-1);
            return result(flag == CLONE_NEWNS ? mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) : 0);
        }
    errno = EINVAL;
    result(-1);
}

/* propagate PATH shared|slave|private */
static void on_propagate(char **args)
{
    unsigned long flag = args[1][1] == 'h' ? MS_SHARED : args[1][1] == 'l' ? MS_SLAVE : MS_PRIVATE;
    result(mount(NULL, args[0], NULL, flag, NULL));
}

static void on_enter(char **args)
{
    int fd = open(args[0], O_RDONLY | O_CLOEXEC);
    result(fd < 0 ? -1 : setns(fd, 0));
    if (fd >= 0) close(fd);
}

/* Another program with the rest of the arguments, in place of this one: there is no report. */
static void on_become(char **args)
{
    execvp(args[0], args);
    fprintf(stderr, "probe: cannot execute %s: %s\n", args[0], strerror(errno));
    _exit(127);
}

/* ---- Operations on network devices ---- */

static void add_attribute(struct nlmsghdr *message, unsigned short type, const char *value)
{
    struct rtattr *place = (void *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));
    place->rta_type = type;
    place->rta_len = (unsigned short)RTA_LENGTH(strlen(value));
    memcpy(RTA_DATA(place), value, strlen(value));
    message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(place->rta_len);
}

/* A new pair, of which the kernel names the other: veth(4), rtnetlink(7). */
static void on_device(char **args)
{
    struct {
        struct nlmsghdr head;
        struct ifinfomsg info;
        char rest[256];
    } ask = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
                      .nlmsg_type = RTM_NEWLINK,
                      .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL}};
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        char rest[512];
    } answer = {.error = {.error = -EIO}};
    add_attribute(&ask.head, IFLA_IFNAME, args[0]);
    struct rtattr *nest = (void *)((char *)&ask + NLMSG_ALIGN(ask.head.nlmsg_len));
    add_attribute(&ask.head, IFLA_LINKINFO, "");
    add_attribute(&ask.head, IFLA_INFO_KIND, "veth");
    nest->rta_len = (unsigned short)((char *)&ask + ask.head.nlmsg_len - (char *)nest);
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (send(fd, &ask, ask.head.nlmsg_len, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < 0) return result(-1);
    errno = -answer.error.error;
    result(errno ? -1 : 0);
    close(fd);
}

/* address NAME ADDRESS PREFIX-LENGTH, netdevice(7); a further one of IPv4 needs a name like `eth0:1`. */
static void on_address(char **args)
{
    int length = atoi(args[2]);
    struct ifreq four = {0};
    struct sockaddr_in *place = (void *)&four.ifr_addr;
    struct {
        struct in6_addr address;
        unsigned length;
        int index;
    } six = {.length = (unsigned)length, .index = (int)if_nametoindex(args[0])};
    bool is_six = inet_pton(AF_INET6, args[1], &six.address) == 1;
    int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (is_six) return result(ioctl(fd, SIOCSIFADDR, &six));
    snprintf(four.ifr_name, sizeof four.ifr_name, "%s", args[0]);
    place->sin_family = AF_INET;
    inet_pton(AF_INET, args[1], &place->sin_addr);
    if (ioctl(fd, SIOCSIFADDR, &four) != 0) return result(-1);
    place->sin_addr.s_addr = htonl(length ? ~0u << (32 - length) : 0);
    result(ioctl(fd, SIOCSIFNETMASK, &four));
}

static const void *address_in(struct sockaddr *place)
{
    return place->sa_family == AF_INET ? (void *)&((struct sockaddr_in *)place)->sin_addr
                                       : (void *)&((struct sockaddr_in6 *)place)->sin6_addr;
}

/* `eth0 10.0.0.2 255.255.255.0` of every device of this network namespace. */
static void on_addresses(char **args)
{
    struct ifaddrs *each;
    (void)args;
    if (getifaddrs(&each) != 0) return result(-1);
    key("names");
    open_with('[');
    for (; each; each = each->ifa_next) {
        if (!each->ifa_addr || (each->ifa_addr->sa_family != AF_INET && each->ifa_addr->sa_family != AF_INET6)) continue;
        char address[64] = "", mask[64] = "", line[192];
        inet_ntop(each->ifa_addr->sa_family, address_in(each->ifa_addr), address, sizeof address);
        inet_ntop(each->ifa_addr->sa_family, address_in(each->ifa_netmask), mask, sizeof mask);
        snprintf(line, sizeof line, "%.20s %s %s", each->ifa_name, address, mask);
        element(line);
    }
    close_with(']');
}

/* ---- Operations on filters of system calls ---- */

/* call NUMBER FIRST SECOND THIRD, of 64 bits each */
static void on_call(char **args)
{
    unsigned long given[3];
    for (int i = 0; i < 3; i++) given[i] = strtoul(args[i + 1], NULL, 0);
    result(syscall(atol(args[0]), given[0], given[1], given[2], 0, 0, 0));
}

/* The same as a program of 32 bits does it, on x86-64. */
static void on_compat(char **args)
{
    long value = -ENOSYS;
#ifdef __x86_64__
    __asm__ volatile("int $0x80" : "=a"(value) : "a"(atol(args[0])), "b"(0) : "memory", "r8", "r9", "r10", "r11");
#else
    (void)args;
#endif
    errno = value < 0 ? (int)-value : 0;
    result(value < 0 ? -1 : value);
}

static volatile bool has_returned;

static void on_sigsys(int number)
{
    (void)number;
    _exit(42);
}

static volatile long caller;

static void *call_in_thread(void *number)
{
    caller = syscall(SYS_gettid);
    syscall((long)number, 0, 0, 0, 0, 0, 0);
    has_returned = true;
    return NULL;
}

/*
 * How a process ends of which one thread makes a system call: 0 if the call returns, 7 if only the
 * thread has died of it, 42 if SIGSYS could be caught, 128 and the signal if it has died as a whole.
 */
static void on_outcome(char **args)
{
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        signal(SIGSYS, on_sigsys);
        pthread_create(&thread, NULL, call_in_thread, (void *)atol(args[0]));
        // Not every C library joins a thread that was killed.
        while (!caller || syscall(SYS_tgkill, getpid(), caller, 0) == 0) usleep(1000);
        _exit(has_returned ? 0 : 7);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) return result(-1);
    result(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* Descriptors in a message, of which the first is kept. */
static int count_descriptors(struct msghdr *message, int *first_one)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (!header || header->cmsg_type != SCM_RIGHTS) return 0;
    if (*first_one < 0) memcpy(first_one, CMSG_DATA(header), sizeof *first_one);
    return (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
}

/* All that arrives on a connection until its other end closes it; answers the first descriptor. */
static int put_connection(int connection)
{
    static char bytes[1 << 16];
    struct pollfd ready = {.fd = connection, .events = POLLIN};
    int messages = 0, early = 0, late = 0, found = -1;
    size_t count = 0;
    ssize_t got = -1;
    while (poll(&ready, 1, 10000) > 0) {
        char control[CMSG_SPACE(16 * sizeof(int))];
        struct iovec part = {bytes + count, sizeof bytes - count};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        if ((got = recvmsg(connection, &message, MSG_CMSG_CLOEXEC)) <= 0) break;
        *(messages++ ? &late : &early) += count_descriptors(&message, &found);
        count += (size_t)got;
    }
    comma();
    open_with('{');
    key("text");
    put_bytes(bytes, count);
    number("descriptors", early);
    number("late", late);
    number("closed", got == 0);
    close_with('}');
    return found;
}

/* Answers 4242 to a system call, seccomp_unotify(2). */
static int decide(int listener)
{
    struct seccomp_notif asked = {0};
    struct seccomp_notif_resp answer = {.val = 4242};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0) return 0;
    answer.id = asked.id;
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0;
}

/* agent PATH: takes states of containers and decides for the last, until no process of it is left. */
static void on_agent(char **args)
{
    struct pollfd polled[2] = {{.fd = listen_at(args[0], SOCK_STREAM), .events = POLLIN}, {.fd = -1, .events = POLLIN}};
    int answered = 0;
    if (polled[0].fd < 0) return result(-1);
    key("connections");
    open_with('[');
    while (poll(polled, 2, -1) > 0) {
        if (polled[0].revents) {
            int connection = accept(polled[0].fd, NULL, NULL), found = put_connection(connection);
            if (found >= 0) polled[1].fd = found;
            close(connection);
        } else if (polled[1].revents & POLLIN) answered += decide(polled[1].fd);
        else break;
    }
    close_with(']');
    result(answered);
}

/* fill PATH BYTES: a file of zeros that takes so much memory. */
static void on_fill(char **args)
{
    static char zeros[1 << 16];
    int fd = open(args[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t count = 0;
    for (long left = atol(args[1]); fd >= 0 && left > 0 && count >= 0; left -= count)
        count = write(fd, zeros, left < (long)sizeof zeros ? (size_t)left : sizeof zeros);
    result(fd < 0 || count < 0 ? -1 : 0);
    close(fd);
}

/* ---- The end of a report ---- */

static const char *target;

static void on_to(char **args) { target = args[0]; }

static char **all;

/* One write, so that lines of several processes do not mix. */
static void say(void)
{
    fputs("]", out);
    first = false;
    put_everything(all);
    fputs("}\n", out);
    fclose(out);
    int fd = target ? open(target, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : 1;
    if (fd < 0) exit(120);
    for (size_t done = 0; done < length;) {
        ssize_t count = write(fd, text + done, length - done);
        if (count < 0) exit(121);
        done += (size_t)count;
    }
    if (target) close(fd);
}

/* A negative status is the signal to end by. */
static void on_exit_with(char **args)
{
    int status = atoi(args[0]);
    say();
    if (status < 0) raise(-status);
    _exit(status);
}

static void on_wait(char **args)
{
    (void)args;
    say();
    for (;;) pause();
}

/* Ends when its standard input does, or on any byte of it. */
static void on_wait_for_input(char **args)
{
    (void)args;
    char byte;
    say();
    _exit(read(0, &byte, 1) < 0);
}

/* Writes the number of each signal that arrives to a file, a line each, and lives on. */
static void on_signals(char **args)
{
    sigset_t every;
    sigfillset(&every);
    sigprocmask(SIG_BLOCK, &every, NULL);
    int fd = open(args[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    say();
    for (;;) {
        siginfo_t info;
        if (sigwaitinfo(&every, &info) > 0) dprintf(fd, "%d\n", info.si_signo);
    }
}

static const struct operation {
    const char *name;
    int arguments;
    void (*perform)(char **);
} operations[] = {
    {"stat", 1, on_stat},       {"read", 1, on_read},         {"list", 1, on_list},
    {"write", 2, on_write},     {"append", 2, on_append},     {"open", 2, on_open},
    {"statfs", 1, on_statfs},   {"mkdir", 1, on_mkdir},       {"rmdir", 1, on_rmdir},
    {"unlink", 1, on_unlink},   {"symlink", 2, on_symlink},   {"chmod", 2, on_chmod},
    {"chown", 3, on_chown},     {"mknod", 4, on_mknod},       {"mount", 4, on_mount},
    {"unmount", 1, on_unmount}, {"syscall", 1, on_syscall},   {"getrlimit", 1, on_getrlimit},
    {"execute", 1, on_execute}, {"kill", 2, on_kill},         {"connect", 1, on_connect},
    {"stdin", 0, on_stdin},     {"sleep", 1, on_sleep},       {"child", 0, on_child},
    {"to", 1, on_to},           {"exit", 1, on_exit_with},    {"wait", 0, on_wait},
    {"input", 0, on_wait_for_input}, {"signals", 1, on_signals}, {"window", 0, on_window}, {"sized", 0, on_sized},
    {"resized", 1, on_resized}, {"orphan", 0, on_orphan},
    {"console", 1, on_console}, {"container", 0, on_container},
    {"receive", 1, on_receive}, {"drain", 0, on_drain},       {"datagrams", 1, on_datagrams},
    {"notify", 1, on_notify},   {"reap", 1, on_reap},         {"activate", 2, on_activate},
    {"without", 2, on_without}, {"terminal", 1, on_terminal},
    {"unshare", 1, on_unshare}, {"propagate", 2, on_propagate}, {"enter", 1, on_enter},
    {"become", 1, on_become},   {"device", 1, on_device},     {"address", 3, on_address},
    {"addresses", 0, on_addresses}, {"call", 4, on_call},     {"compat", 1, on_compat},
    {"outcome", 1, on_outcome}, {"agent", 1, on_agent},       {"fill", 2, on_fill},
};

static const struct operation *find(const char *name)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (!strcmp(operations[i].name, name)) return &operations[i];
    fprintf(stderr, "probe: no operation is called %s\n", name);
    exit(122);
}

int main(int argc, char **argv)
{
    all = argv;
    out = open_memstream(&text, &length);
    fputs("{\"results\":[", out);
    for (int i = 1; i < argc && !over;) {
        const struct operation *operation = find(argv[i]);
        if (i + operation->arguments >= argc) return 123;
        bool ends = operation->perform == on_exit_with || operation->perform == on_wait ||
                    operation->perform == on_wait_for_input || operation->perform == on_signals;
        if (!ends) {
            comma();
            open_with('{');
            string("operation", operation->name);
        }
        operation->perform(argv + i + 1);
        close_with('}');
        i += operation->arguments + 1;
    }
    say();
    return 0;
}
