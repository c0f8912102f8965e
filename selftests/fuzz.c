// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzer of the driver.  Processes that share areas, descriptors and records make
 * random sequences of calls; those sequences that reach code that no other has
 * reached, as KCOV tells, are kept, and new ones are made of them.
 *
 * What must come out is nothing: no complaint of the kernel, which is for
 * whoever runs it to see, no process that hangs or dies, nothing left behind.
 *
 * fuzz [--seed N] [--calls N] [--workers N] [--blind] [--trace] [--replay FILE]
 *
 * With --blind KCOV is left alone, and the same seed makes the same sequences.
 * --trace prints every sequence before it is made; --replay makes those of a
 * FILE of such lines.
 */
#include "fuzz_calls.h"

#include <getopt.h>
#include <ucontext.h>

#define MAX_WORKERS 16
#define MAX_LENGTH 24
#define CORPUS 4096
#define PCS (1U << 20)
#define KCOV_PATH "/sys/kernel/debug/kcov"
#define KCOV_SIZE 65536
#define KCOV_INIT _IOR('c', 1, unsigned long)
#define KCOV_ENABLE _IO('c', 100)
/* Then everything is closed and opened anew, so that areas come to their end. */
#define SEQUENCES_A_LIFE 1000
/* A sequence takes milliseconds. */
#define HANG_S 120
/* So many calls are worth a line. */
#define PROGRESS 500000

struct sequence {
	__u32 ready;
	__u32 length;
	struct call calls[MAX_LENGTH];
};

static struct shared {
	/* By hash of the address: has been reached */
	__u8 reached[PCS];
	__u32 nr_reached;
	__u32 nr_corpus;
	struct sequence corpus[CORPUS];
	struct tally tallies[MAX_WORKERS][ARRAY_SIZE(call_types)];
	__u64 calls[MAX_WORKERS];
} *shared;

static struct options {
	__u64 seed, calls;
	unsigned int workers;
	bool blind, trace;
	const char *replay;
} options = { .calls = 50000, .workers = 8 };

/* Of this process: the trace of its calls, or NULL */
static unsigned long *trace;
static struct worker self;

/* --- a worker ------------------------------------------------------------ */

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (!self.touching) {
		fprintf(stderr, "# signal %d of the fuzzer's own at %p, from %p\n", number,
			info->si_addr, (void *)((ucontext_t *)context)->uc_mcontext.gregs[16]);
		signal(number, SIG_DFL);
		raise(number);
	}
	self.touching = 0;
	siglongjmp(self.fault, 1);
}

/* Only for what it interrupts */
static void on_timer(int number)
{
	(void)number;
}

static void worker_init(unsigned int id, int send, int receive)
{
	struct sigaction action = {
		.sa_sigaction = on_fault, .sa_flags = SA_NODEFER | SA_SIGINFO,
	};
	struct sigaction timer = { .sa_handler = on_timer };

	self = (struct worker){
		.id = id, .send = send, .receive = receive, .tallies = shared->tallies[id],
		.random = options.seed ^ (id + 1) * 0x1234567ULL, .calls = &shared->calls[id],
	};
	memset(self.fds, 0xff, sizeof(self.fds));
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGALRM, &timer, NULL);
	/* The first stays root, so that rights are there to be had and to lack. */
	CHECK(id == 0 || become(USER_A + id % 2, USER_A) == 0);
}

static void worker_reset(void)
{
	for (unsigned int kind = 0; kind < NR_KINDS; kind++)
		for (unsigned int i = 0; i < SLOTS; i++)
			if (self.fds[kind][i] >= 0)
				close(self.fds[kind][i]);
	memset(self.fds, 0xff, sizeof(self.fds));
	for (unsigned int i = 0; i < MAPPINGS; i++)
		if (self.maps[i].at)
			munmap(self.maps[i].at, self.maps[i].size);
	memset(self.maps, 0, sizeof(self.maps));
}

/* KCOV of this process, if the kernel has it */
static void kcov_start(void)
{
	int fd = open(KCOV_PATH, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	CHECK(ioctl(fd, KCOV_INIT, KCOV_SIZE) == 0);
	trace = mmap(NULL, KCOV_SIZE * sizeof(*trace), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(trace != MAP_FAILED && ioctl(fd, KCOV_ENABLE, 0) == 0);
}

/* Enters what has been reached; returns whether something is new. */
static bool kcov_collect(void)
{
	unsigned long count = __atomic_load_n(trace, __ATOMIC_RELAXED);
	bool new = false;

	for (unsigned long i = 1; i <= count && i < KCOV_SIZE; i++) {
		__u8 *entry = &shared->reached[trace[i] * 0x9e3779b97f4a7c15ULL >> 44];

		if (__builtin_expect(!*entry, 0) &&
		    !__atomic_exchange_n(entry, 1, __ATOMIC_RELAXED)) {
			__atomic_fetch_add(&shared->nr_reached, 1, __ATOMIC_RELAXED);
			new = true;
		}
	}
	return new;
}

static void keep_sequence(const struct sequence *sequence)
{
	__u32 nr = __atomic_fetch_add(&shared->nr_corpus, 1, __ATOMIC_RELAXED);

	if (nr >= CORPUS)
		return;
	shared->corpus[nr] = *sequence;
	__atomic_store_n(&shared->corpus[nr].ready, 1, __ATOMIC_RELEASE);
}

static const struct sequence *some_sequence(void)
{
	__u32 nr = __atomic_load_n(&shared->nr_corpus, __ATOMIC_RELAXED);
	const struct sequence *sequence;

	if (!nr)
		return NULL;
	sequence = &shared->corpus[draw(&self.random) % (nr < CORPUS ? nr : CORPUS)];
	return __atomic_load_n(&sequence->ready, __ATOMIC_ACQUIRE) ? sequence : NULL;
}

static struct call some_call(void)
{
	static unsigned int sum;
	__u64 random = draw(&self.random);
	struct call call = {
		.a = (__u8)random, .b = (__u8)(random >> 8), .c = (__u8)(random >> 16),
		.v = (__u32)(random >> 32),
	};
	unsigned int at;

	if (!sum)
		for (unsigned int i = 0; i < nr_call_types; i++)
			sum += call_types[i].weight;
	at = (unsigned int)(draw(&self.random) % sum);
	while (at >= call_types[call.nr].weight)
		at -= call_types[call.nr++].weight;
	return call;
}

static struct call some_cheap_call(void)
{
	struct call call;

	do
		call = some_call();
	while (call_types[call.nr].dear);
	return call;
}

/* One change of a sequence: a call more, a call less, another argument, the rest of another */
static void mutate(struct sequence *sequence, const struct sequence *other)
{
	__u32 at = (__u32)(draw(&self.random) % sequence->length);
	struct call *call = &sequence->calls[at];
	__u32 rest = sequence->length - at;

	switch (draw(&self.random) % 6) {
	case 0:
		if (sequence->length == MAX_LENGTH)
			break;
		memmove(call + 1, call, rest * sizeof(*call));
		sequence->length++;
		*call = some_call();
		break;
	case 1:
		if (sequence->length == 1)
			break;
		memmove(call, call + 1, (rest - 1) * sizeof(*call));
		sequence->length--;
		break;
	case 2:
		if (!other || other->length <= at)
			break;
		memcpy(call, &other->calls[at], (other->length - at) * sizeof(*call));
		sequence->length = other->length;
		break;
	case 3:
		call->v = (__u32)draw(&self.random);
		break;
	default:
		(&call->a)[draw(&self.random) % 3] = (__u8)draw(&self.random);
	}
}

/* Without most of what is dear, which sequences that were kept have much of */
static void thin_out(struct sequence *sequence)
{
	__u32 length = 0;

	for (__u32 i = 0; i < sequence->length; i++) {
		unsigned int dear = call_types[sequence->calls[i].nr].dear;

		if (!dear || draw(&self.random) % dear == 0)
			sequence->calls[length++] = sequence->calls[i];
	}
	sequence->length = length;
	while (sequence->length < MAX_LENGTH / 2)
		sequence->calls[sequence->length++] = some_cheap_call();
}

static void make_sequence(struct sequence *sequence)
{
	const struct sequence *model = some_sequence();

	if (model && draw(&self.random) % 4) {
		*sequence = *model;
		for (__u64 i = draw(&self.random) % 4; i < 4; i++)
			mutate(sequence, some_sequence());
	} else {
		sequence->length = (__u32)(draw(&self.random) % MAX_LENGTH) + 1;
		for (__u32 i = 0; i < sequence->length; i++)
			sequence->calls[i] = some_call();
	}
	thin_out(sequence);
}

static void print_sequence(const struct sequence *sequence)
{
	char line[MAX_LENGTH * 64 + 32];
	int len = sprintf(line, "sequence %u", self.id);

	for (__u32 i = 0; i < sequence->length; i++) {
		const struct call *call = &sequence->calls[i];

		len += sprintf(line + len, " %s:%u,%u,%u,%u", call_types[call->nr].name, call->a,
			       call->b, call->c, call->v);
	}
	line[len++] = '\n';
	CHECK(write(STDOUT_FILENO, line, (size_t)len) == len);
}

static void run_sequence(const struct sequence *sequence)
{
	__u32 calls = 0;

	if (options.trace)
		print_sequence(sequence);
	for (__u32 i = 0; i < sequence->length; i++) {
		const struct call *call = &sequence->calls[i];
		struct tally *tally = &self.tallies[call->nr];
		__u64 start = now_ns();
		int result = call_types[call->nr].run(&self, call);

		tally->ns += now_ns() - start;
		if (result == NOT_MADE)
			continue;
		calls++;
		tally->calls++;
		tally->succeeded += is_success(result);
		if (result < 0)
			tally->errors[(unsigned int)-result % ARRAY_SIZE(tally->errors)]++;
	}
	__atomic_fetch_add(self.calls, calls, __ATOMIC_RELAXED);
}

static int fuzz(__u64 calls)
{
	struct sequence sequence = { .ready = 0 };

	for (__u64 n = 1; *self.calls < calls; n++) {
		make_sequence(&sequence);
		if (trace)
			__atomic_store_n(trace, 0, __ATOMIC_RELAXED);
		run_sequence(&sequence);
		if (trace && kcov_collect())
			keep_sequence(&sequence);
		if (n % SEQUENCES_A_LIFE == 0)
			worker_reset();
	}
	return 0;
}

static struct call read_call(const char *text)
{
	char name[32];
	struct call call;
	unsigned int a, b, c;

	CHECK(sscanf(text, "%31[^:]:%u,%u,%u,%u", name, &a, &b, &c, &call.v) == 5);
	call.a = (__u8)a;
	call.b = (__u8)b;
	call.c = (__u8)c;
	for (call.nr = 0; call.nr < nr_call_types; call.nr++)
		if (!strcmp(name, call_types[call.nr].name))
			return call;
	fprintf(stderr, "no call %s\n", name);
	exit(1);
}

/* The lines of one worker */
static int replay(unsigned int id)
{
	FILE *file = fopen(options.replay, "r");
	char line[4096], *word, *rest;
	struct sequence sequence;

	CHECK(file);
	while (fgets(line, sizeof(line), file)) {
		word = strtok_r(line, "\n ", &rest);
		if (!word || strcmp(word, "sequence"))
			continue;
		word = strtok_r(NULL, "\n ", &rest);
		if (!word || strtoul(word, NULL, 10) != id)
			continue;
		sequence.length = 0;
		while ((word = strtok_r(NULL, "\n ", &rest)) && sequence.length < MAX_LENGTH)
			sequence.calls[sequence.length++] = read_call(word);
		run_sequence(&sequence);
	}
	fclose(file);
	return 0;
}

/* --- all of them --------------------------------------------------------- */

static pid_t start_worker(unsigned int id, int (*ring)[2])
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!options.blind)
		kcov_start();
	worker_init(id, ring[id][0], ring[(id + 1) % options.workers][1]);
	_exit(options.replay ? replay(id) : fuzz(options.calls / options.workers));
}

static __u64 calls_made(void)
{
	__u64 sum = 0;

	for (unsigned int i = 0; i < options.workers; i++)
		sum += __atomic_load_n(&shared->calls[i], __ATOMIC_RELAXED);
	return sum;
}

static void tell_progress(__u64 before, __u64 now)
{
	if (before / PROGRESS == now / PROGRESS)
		return;
	ksft_print_msg("%llu calls, %u places, %u sequences\n", now, shared->nr_reached,
		       shared->nr_corpus);
	fflush(stdout);
}

/* Returns how many ended well; all are killed when none of them gets on. */
static unsigned int wait_for_workers(const pid_t *pids)
{
	unsigned int left = options.workers, well = 0, quiet = 0;
	__u64 before = 0, now;
	int status;

	while (left) {
		pid_t pid = waitpid(-1, &status, WNOHANG);

		if (pid > 0) {
			left--;
			well += WIFEXITED(status) && WEXITSTATUS(status) == 0;
			if (WIFSIGNALED(status))
				ksft_print_msg("a worker was killed by signal %d\n",
					       WTERMSIG(status));
			continue;
		}
		now = calls_made();
		quiet = now == before ? quiet + 1 : 0;
		tell_progress(before, now);
		before = now;
		if (quiet == HANG_S * 10) {
			ksft_print_msg("nobody gets on\n");
			for (unsigned int i = 0; i < options.workers; i++)
				kill(pids[i], SIGKILL);
		}
		nap_us(100000);
	}
	return well;
}

static void print_tally(const char *name, const struct tally *tally)
{
	char errors[256] = "";
	int len = 0;

	for (int n = 0; n < 5; n++) {
		unsigned int most = 0;

		for (unsigned int i = 0; i < ARRAY_SIZE(tally->errors); i++)
			if (tally->errors[i] > tally->errors[most])
				most = i;
		if (!tally->errors[most])
			break;
		len += snprintf(errors + len, sizeof(errors) - (size_t)len, " %s %u",
				strerrorname_np((int)most), tally->errors[most]);
		((struct tally *)tally)->errors[most] = 0;
	}
	if (tally->calls)
		ksft_print_msg("%-15s %10llu calls %8llu us each %3llu %% succeeded%s\n", name,
			       tally->calls, tally->ns / 1000 / tally->calls,
			       tally->succeeded * 100 / tally->calls, errors);
}

/* Of all that were made, those that did what they are for */
static unsigned int percent_succeeded(void)
{
	struct tally all = { .calls = 0 };

	for (unsigned int type = 0; type < nr_call_types; type++) {
		struct tally sum = { .calls = 0 };

		for (unsigned int i = 0; i < options.workers; i++) {
			const struct tally *one = &shared->tallies[i][type];

			sum.calls += one->calls;
			sum.ns += one->ns;
			sum.succeeded += one->succeeded;
			for (unsigned int e = 0; e < ARRAY_SIZE(sum.errors); e++)
				sum.errors[e] += one->errors[e];
		}
		all.calls += sum.calls;
		all.succeeded += sum.succeeded;
		print_tally(call_types[type].name, &sum);
	}
	return all.calls ? (unsigned int)(all.succeeded * 100 / all.calls) : 0;
}

/* Persistent areas stay; whatever else is there is a leak. */
static bool nothing_is_left(long refs)
{
	int dev = device_open(O_RDWR);

	for (unsigned int which = 0; which < 256; which++)
		area_unlink(dev, area_name((__u8)which));
	close(dev);
	for (unsigned int which = 0; which < AREAS; which++)
		if (sysfs_has(area_name((__u8)which)))
			ksft_print_msg("%s is left\n", area_name((__u8)which));
	/* The references of a process go with it, a moment later perhaps. */
	if (WAIT_UNTIL(module_refs() == refs))
		return true;
	ksft_print_msg("the module has %ld references more\n", module_refs() - refs);
	return false;
}

static void parse_options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "seed", 1, NULL, 's' }, { "calls", 1, NULL, 'c' }, { "workers", 1, NULL, 'w' },
		{ "blind", 0, NULL, 'b' }, { "trace", 0, NULL, 't' }, { "replay", 1, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	options.seed = now_ns();
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 's')
			options.seed = strtoull(optarg, NULL, 0);
		else if (option == 'c')
			options.calls = strtoull(optarg, NULL, 0);
		else if (option == 'w')
			options.workers = (unsigned int)strtoul(optarg, NULL, 0);
		else if (option == 'b')
			options.blind = true;
		else if (option == 't')
			options.trace = true;
		else if (option == 'r')
			options.replay = optarg;
		else
			exit(1);
	}
	if (!options.workers || options.workers > MAX_WORKERS)
		ksft_exit_fail_msg("1 to %u workers\n", MAX_WORKERS);
}

static unsigned int run_workers(void)
{
	int ring[MAX_WORKERS][2];
	pid_t pids[MAX_WORKERS];
	unsigned int well;

	for (unsigned int i = 0; i < options.workers; i++)
		CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
				 ring[i]) == 0);
	for (unsigned int i = 0; i < options.workers; i++)
		pids[i] = start_worker(i, ring);
	well = wait_for_workers(pids);
	for (unsigned int i = 0; i < options.workers; i++) {
		close(ring[i][0]);
		close(ring[i][1]);
	}
	return well;
}

int main(int argc, char **argv)
{
	bool kcov = access(KCOV_PATH, R_OK) == 0;
	__u64 start = now_ns();
	unsigned int percent;
	long refs;

	ksft_print_header();
	parse_options(argc, argv);
	if (access(DEVICE, F_OK))
		ksft_exit_skip("no " DEVICE ": load the module\n");
	ksft_set_plan(4);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		ksft_exit_fail_msg("no memory\n");
	refs = module_refs();
	ksft_print_msg("seed %#llx, %llu calls of %u workers\n", options.seed, options.calls,
		       options.workers);
	ksft_test_result(run_workers() == options.workers, "nobody_hangs_or_dies\n");
	percent = percent_succeeded();
	ksft_print_msg("%llu calls in %llu s, %u %% succeeded\n", calls_made(),
		       (now_ns() - start) / NS_PER_S, percent);
	ksft_test_result(percent >= 50, "most_calls_do_what_they_are_for\n");
	if (options.blind || options.replay || !kcov) {
		ksft_test_result_skip("new_code_is_looked_for # %s\n",
				      kcov ? "not asked for" : "the kernel has no KCOV");
	} else {
		ksft_print_msg("%u places of the module's code, by %u sequences\n",
			       shared->nr_reached, shared->nr_corpus);
		ksft_test_result(shared->nr_reached > 500, "new_code_is_looked_for\n");
	}
	ksft_test_result(nothing_is_left(refs), "nothing_is_left\n");
	ksft_finished();
}
