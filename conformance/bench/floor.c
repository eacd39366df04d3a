/*
 * What the kernel itself charges for a container: the namespaces, cgroups, mounts, devices, masks
 * and execve of the benchmark's bundle, with nothing decided, checked, recorded or protected.
 *
 *   floor run|create|start|delete FOLDER ID HIERARCHY...
 *
 * FOLDER holds rootfs/ and receives the fifo on which a created container waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define CGROUPS "/sys/fs/cgroup"
#define QUIET (MS_NOSUID | MS_NOEXEC | MS_NODEV)
#define LENGTH(a) (int)(sizeof(a) / sizeof *(a))

enum { path_size = 4096 };

struct task {
	const char *folder, *id;
	char **hierarchies;
	char **command;
};

static const struct {
	const char *target, *type;
	unsigned long flags;
	const char *data;
} mounts[] = {
	{ "proc", "proc", 0, NULL },
	{ "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k" },
	{ "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5" },
	{ "dev/shm", "tmpfs", QUIET, "mode=1777,size=65536k" },
	{ "dev/mqueue", "mqueue", QUIET, NULL },
	{ "sys", "sysfs", QUIET | MS_RDONLY, NULL },
	{ "sys/fs/cgroup", "tmpfs", QUIET, "mode=755" },
};

static const struct {
	const char *path;
	int major, minor;
} devices[] = {
	{ "dev/null", 1, 3 }, { "dev/zero", 1, 5 },   { "dev/full", 1, 7 },
	{ "dev/random", 1, 8 }, { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 },
};

static const char *const links[][2] = {
	{ "pts/ptmx", "dev/ptmx" },           { "/proc/self/fd", "dev/fd" },
	{ "/proc/self/fd/0", "dev/stdin" },   { "/proc/self/fd/1", "dev/stdout" },
	{ "/proc/self/fd/2", "dev/stderr" },
};

static const char *const masked[] = {
	"/proc/acpi",       "/proc/asound",      "/proc/kcore",       "/proc/keys",
	"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
	"/sys/firmware",    "/proc/scsi",
};

static const char *const readonly[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static const char *const allowed[] = {
	"c *:* m",   "b *:* m",   "c 1:3 rwm", "c 1:5 rwm",   "c 1:7 rwm", "c 1:8 rwm",
	"c 1:9 rwm", "c 5:0 rwm", "c 5:2 rwm", "c 136:* rwm",
};

static void check(long result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static void put(const char *path, const char *name, const char *text)
{
	char file[path_size];

	snprintf(file, sizeof file, "%s/%s", path, name);
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	check(fd, file);
	check(write(fd, text, strlen(text)), file);
	close(fd);
}

/* cpuset(7): a new one is empty, and takes no process before it has processors and memory nodes. */
static void inherit(const char *path, const char *name)
{
	char file[path_size], text[256];

	snprintf(file, sizeof file, "%s/../%s", path, name);
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	check(fd, file);
	ssize_t size = read(fd, text, sizeof text - 1);
	check(size, file);
	text[size] = '\0';
	close(fd);
	put(path, name, text);
}

static void limit(const char *hierarchy, const char *path)
{
	if (strcmp(hierarchy, "memory") == 0)
		put(path, "memory.limit_in_bytes", "67108864");
	if (strcmp(hierarchy, "pids") == 0)
		put(path, "pids.max", "32");
	if (strcmp(hierarchy, "cpuset") == 0) {
		inherit(path, "cpuset.cpus");
		inherit(path, "cpuset.mems");
	}
	if (strcmp(hierarchy, "devices") == 0) {
		put(path, "devices.deny", "a");
		for (int i = 0; i < LENGTH(allowed); i++)
			put(path, "devices.allow", allowed[i]);
	}
}

static void make_cgroups(const struct task *task)
{
	char path[path_size];

	for (char **name = task->hierarchies; *name; name++) {
		snprintf(path, sizeof path, CGROUPS "/%s/%s", *name, task->id);
		check(mkdir(path, 0755), path);
		limit(*name, path);
	}
}

/*
 * Through cgroup.procs this would wait for every processor (cgroup_threadgroup_rwsem): milliseconds
 * on a machine that has been idle.
 */
static void join_cgroups(const struct task *task)
{
	char path[path_size];

	for (char **name = task->hierarchies; *name; name++) {
		snprintf(path, sizeof path, CGROUPS "/%s/%s", *name, task->id);
		put(path, "tasks", "0");
	}
	check(unshare(CLONE_NEWCGROUP), "unshare");
}

static void remove_cgroups(const struct task *task)
{
	char path[path_size];

	for (char **name = task->hierarchies; *name; name++) {
		snprintf(path, sizeof path, CGROUPS "/%s/%s", *name, task->id);
		check(rmdir(path), path);
	}
}

static void mount_hierarchies(const struct task *task)
{
	char path[path_size], data[path_size];

	for (char **name = task->hierarchies; *name; name++) {
		snprintf(path, sizeof path, "sys/fs/cgroup/%s", *name);
		snprintf(data, sizeof data, "%s%s", strcmp(*name, "systemd") ? "" : "name=", *name);
		check(mkdir(path, 0755), path);
		check(mount("cgroup", path, "cgroup", QUIET | MS_RDONLY, data), path);
	}
	check(mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | QUIET | MS_RDONLY, NULL),
	      "remount");
}

static void build_root(const struct task *task)
{
	char rootfs[path_size];

	snprintf(rootfs, sizeof rootfs, "%s/rootfs", task->folder);
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	check(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL), rootfs);
	check(chdir(rootfs), rootfs);
	for (int i = 0; i < LENGTH(mounts); i++) {
		mkdir(mounts[i].target, 0755);
		check(mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags,
			    mounts[i].data), mounts[i].target);
	}
	mount_hierarchies(task);
	umask(0);
	for (int i = 0; i < LENGTH(devices); i++)
		check(mknod(devices[i].path, S_IFCHR | 0666,
			    makedev(devices[i].major, devices[i].minor)), devices[i].path);
	for (int i = 0; i < LENGTH(links); i++)
		check(symlink(links[i][0], links[i][1]), links[i][1]);
	check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	check(umount2(".", MNT_DETACH), "umount");
	check(chdir("/"), "chdir");
}

/* Not everything that is to be hidden exists on every kernel. */
static void hide(void)
{
	for (int i = 0; i < LENGTH(masked); i++)
		if (mount("/dev/null", masked[i], NULL, MS_BIND, NULL) < 0 && errno == ENOTDIR)
			check(mount("tmpfs", masked[i], "tmpfs", MS_RDONLY, "nr_blocks=1,nr_inodes=1"),
			      masked[i]);
	for (int i = 0; i < LENGTH(readonly); i++)
		if (mount(readonly[i], readonly[i], NULL, MS_BIND | MS_REC, NULL) == 0)
			check(mount(NULL, readonly[i], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL),
			      readonly[i]);
	check(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "/");
}

static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	check(fd, "socket");
	check(ioctl(fd, SIOCSIFFLAGS, &request), "lo");
	close(fd);
}

static void child(const struct task *task, int fifo, int ready)
{
	char *environment[] = { "PATH=/bin", NULL };
	struct rlimit files = { 1024, 1024 };
	struct pollfd released = { .fd = fifo, .events = POLLIN };

	setsid();
	join_cgroups(task);
	build_root(task);
	hide();
	raise_loopback();
	check(sethostname("floor", 5), "sethostname");
	check(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	if (fifo >= 0) {
		check(write(ready, "r", 1), "ready");
		close(ready);
		/* A fifo that nobody ever wrote to has no end of file yet. */
		check(poll(&released, 1, -1), "poll");
	}
	execve(task->command[0], task->command, environment);
	check(-1, task->command[0]);
}

static pid_t launch(const struct task *task, int fifo, int ready)
{
	long flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS;
	pid_t pid;

	make_cgroups(task);
	pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
	check(pid, "clone");
	if (pid == 0)
		child(task, fifo, ready);
	return pid;
}

static int run(const struct task *task)
{
	int status;
	pid_t pid = launch(task, -1, -1);

	check(waitpid(pid, &status, 0), "waitpid");
	remove_cgroups(task);
	return status != 0;
}

static void fifo_of(const struct task *task, char *path)
{
	snprintf(path, path_size, "%s/%s.fifo", task->folder, task->id);
}

static int create(const struct task *task)
{
	char path[path_size], byte;
	int ready[2];

	fifo_of(task, path);
	check(mkfifo(path, 0600), path);
	check(pipe2(ready, O_CLOEXEC), "pipe");
	int fifo = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	check(fifo, path);
	launch(task, fifo, ready[1]);
	close(ready[1]);
	return read(ready[0], &byte, 1) != 1;
}

static int start(const struct task *task)
{
	char path[path_size];

	fifo_of(task, path);
	int fifo = open(path, O_WRONLY | O_CLOEXEC);
	check(fifo, path);
	check(write(fifo, "s", 1), path);
	check(unlink(path), path);
	return 0;
}

static int delete(const struct task *task)
{
	remove_cgroups(task);
	return 0;
}

static const struct {
	const char *name;
	int (*perform)(const struct task *);
} verbs[] = { { "run", run }, { "create", create }, { "start", start }, { "delete", delete } };

int main(int argc, char **argv)
{
	static char *command[] = { "/bin/true", NULL };
	struct task task = { .command = command };

	if (argc > 3) {
		task.folder = argv[2];
		task.id = argv[3];
		task.hierarchies = argv + 4;
		for (int i = 0; i < LENGTH(verbs); i++)
			if (strcmp(argv[1], verbs[i].name) == 0)
				return verbs[i].perform(&task);
	}
	fprintf(stderr, "usage: floor run|create|start|delete FOLDER ID HIERARCHY...\n");
	return 1;
}
