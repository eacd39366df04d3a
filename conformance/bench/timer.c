/*
 * Times commands from a process so small that starting them costs next to nothing.
 *
 *   timer ROUNDS PAUSE (lane NAME (WHEN COUNT ARGUMENT...)...)...
 *
 * WHEN: "first" and "last" run once, "each" in every round, "settle" waits until everything that
 * the lane started has ended (orphaned containers are adopted for that), "=LABEL" is measured.
 * Lanes take turns within a round, in an order that changes, so that neither the machine's mood
 * nor what a neighbour left to the kernel falls on one of them. Before each turn it is quiet for
 * PAUSE microseconds. One JSON line for each measurement.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most_lanes = 32, patience_s = 60, seed = 20 };

struct lane {
	const char *name;
	char **steps, **end;
};

extern char **environ;
static posix_spawn_file_actions_t quiet;

static void fail(const char *what, const char *argument)
{
	fprintf(stderr, "timer: %s %s\n", what, argument);
	exit(1);
}

static long long nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long microseconds(struct timeval time)
{
	return time.tv_sec * 1000000LL + time.tv_usec;
}

/* What it waits for, for the report of a hang. */
static char *const *current;

static void report_hang(int signal)
{
	(void)signal;
	fputs("timer: hangs:", stderr);
	for (char *const *word = current; word != NULL && *word != NULL; word++)
		fprintf(stderr, " %s", *word);
	fputc('\n', stderr);
	_exit(1);
}

static void run(const struct lane *lane, const char *label, int round, char **words, int count)
{
	char *argv[count + 1];
	struct rusage usage;
	long long begin, end;
	pid_t pid, ended;
	int status;

	memcpy(argv, words, count * sizeof *argv);
	argv[count] = NULL;
	/* alarm(2): children do not inherit it; a command that hangs ends this program. */
	current = argv;
	alarm(patience_s);
	begin = nanoseconds();
	if (posix_spawn(&pid, argv[0], &quiet, NULL, argv, environ) != 0)
		fail("cannot start", argv[0]);
	/* Containers that end meanwhile are buried, as an engine does: some runtimes wait for that. */
	while ((ended = wait4(-1, &status, 0, &usage)) != pid)
		if (ended < 0 && errno != EINTR)
			fail("cannot wait for", argv[0]);
	end = nanoseconds();
	alarm(0);
	current = NULL;
	if (status != 0) {
		fprintf(stderr, "timer: status %#x from", status);
		for (int i = 0; i < count; i++)
			fprintf(stderr, " %s", argv[i]);
		fputc('\n', stderr);
		exit(1);
	}
	if (label != NULL)
		printf("{\"lane\":\"%s\",\"label\":\"%s\",\"round\":%d,\"nanoseconds\":%lld,"
		       "\"processorMicroseconds\":%lld,\"peakKilobytes\":%ld,\"pageFaults\":%ld}\n",
		       lane->name, label, round, end - begin,
		       microseconds(usage.ru_utime) + microseconds(usage.ru_stime), usage.ru_maxrss,
		       usage.ru_minflt);
}

static void settle(void)
{
	static char *const waiting[] = { "containers that should have ended", NULL };

	current = waiting;
	alarm(patience_s);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	alarm(0);
	current = NULL;
}

/* Performs the steps of one phase: "first", "each" (with what is measured) or "last". */
static void perform(const struct lane *lane, const char *phase, int round)
{
	for (char **step = lane->steps; step < lane->end;) {
		const char *when = step[0];
		int count = atoi(step[1]);
		int measured = when[0] == '=';
		int settling = strcmp(when, "settle") == 0;
		const char *belongs = measured || settling ? "each" : when;

		if (strcmp(belongs, phase) == 0) {
			if (settling)
				settle();
			else
				run(lane, measured ? when + 1 : NULL, round, step + 2, count);
		}
		step += 2 + count;
	}
}

static int read_lanes(char **words, char **end, struct lane *lanes)
{
	int count = 0;

	while (words < end) {
		if (end - words < 2 || strcmp(words[0], "lane") != 0 || count == most_lanes)
			fail("expected a lane at", words[0]);
		lanes[count].name = words[1];
		lanes[count].steps = words += 2;
		while (words < end && strcmp(words[0], "lane") != 0) {
			if (end - words < 2 || end - words - 2 < atoi(words[1]))
				fail("too few arguments after", words[0]);
			words += 2 + atoi(words[1]);
		}
		lanes[count++].end = words;
	}
	return count;
}

static void shuffle(struct lane **order, int count, unsigned *state)
{
	for (int i = count - 1; i > 0; i--) {
		int other = rand_r(state) % (i + 1);
		struct lane *kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
}

int main(int argc, char **argv)
{
	static struct lane lanes[most_lanes];
	struct lane *order[most_lanes];
	unsigned state = seed;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (argc < 3 || null < 0)
		fail("usage:", "timer ROUNDS PAUSE lane NAME ...");
	int count = read_lanes(argv + 3, argv + argc, lanes);
	for (int i = 0; i < count; i++)
		order[i] = &lanes[i];
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_adddup2(&quiet, null, 0);
	posix_spawn_file_actions_adddup2(&quiet, null, 1);
	signal(SIGALRM, report_hang);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < count; i++)
		perform(&lanes[i], "first", 0);
	for (int round = 0; round < atoi(argv[1]); round++) {
		shuffle(order, count, &state);
		for (int i = 0; i < count; i++) {
			usleep((useconds_t)atoi(argv[2]));
			perform(order[i], "each", round);
		}
	}
	for (int i = 0; i < count; i++)
		perform(&lanes[i], "last", 0);
	return 0;
}
