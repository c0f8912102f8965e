// SPDX-License-Identifier: GPL-2.0-only
/* libl4shmc: signals, with every result that the headers promise. */
#include "lib_common.h"

#include <l4/sys/kip.h>

#include <dirent.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/user.h>

FIXTURE(lib_signal)
{
	struct lib_area lib;
	l4shmc_area_t peer, watcher;
	/* The same signal, as two clients have it, and another one */
	l4shmc_signal_t mine, theirs, reply;
	bool counting;
	unsigned int *taken;
};

FIXTURE_VARIANT(lib_signal)
{
	bool counting;
};

FIXTURE_VARIANT_ADD(lib_signal, coalescing)
{
	.counting = false,
};

FIXTURE_VARIANT_ADD(lib_signal, counting)
{
	.counting = true,
};

static long make_signal(l4shmc_area_t *area, const char *name, bool counting,
			l4shmc_signal_t *signal)
{
	return counting ? l4shmc_add_counting_signal(area, name, signal) :
			  l4shmc_add_signal(area, name, signal);
}

FIXTURE_SETUP(lib_signal)
{
	if (!make_lib_area(_metadata, &self->lib, 4096))
		return;
	self->counting = variant->counting;
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &self->peer));
	ASSERT_EQ(0, l4shmc_attach_flags(self->lib.name, 0, L4SHMC_OBSERVER, &self->watcher));
	ASSERT_EQ(0, make_signal(&self->lib.area, "s", variant->counting, &self->mine));
	ASSERT_EQ(0, l4shmc_get_signal(&self->peer, "s", &self->theirs));
	ASSERT_EQ(0, make_signal(&self->lib.area, "reply", variant->counting, &self->reply));
	self->taken = shared_page();
	ASSERT_NE(NULL, self->taken);
}

FIXTURE_TEARDOWN(lib_signal)
{
	drop_lib_area(&self->lib);
}

/* Objects */

TEST_F(lib_signal, is_found_whoever_comes_first)
{
	l4shmc_signal_t got, added, again;

	EXPECT_EQ(0, l4shmc_get_signal(&self->peer, "new", &got));
	EXPECT_EQ(0, l4shmc_add_signal(&self->lib.area, "new", &added));
	EXPECT_EQ(0, l4shmc_get_signal_to(&self->peer, "new", 1000, &again));
	EXPECT_EQ(0, l4shmc_trigger(&added));
	EXPECT_EQ(0, l4shmc_wait_signal_try(&got));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&again));
}

TEST_F(lib_signal, costs_one_descriptor)
{
	unsigned int fds = open_fds();
	l4shmc_signal_t signal;

	for (unsigned int i = 0; i < 50; i++) {
		ASSERT_EQ(0, l4shmc_add_signal(&self->lib.area, "s", &signal));
		ASSERT_EQ(0, l4shmc_get_signal(&self->lib.area, "s", &signal));
		ASSERT_EQ(0, l4shmc_get_signal_to(&self->lib.area, "s", 1, &signal));
	}
	EXPECT_EQ(fds, open_fds());
	EXPECT_EQ(l4shmc_signal_fd(&self->mine), l4shmc_signal_fd(&signal));
	ASSERT_EQ(0, l4shmc_get_clients_signal(&self->lib.area, &signal));
	ASSERT_EQ(0, l4shmc_get_clients_signal(&self->lib.area, &signal));
	EXPECT_EQ(fds + 1, open_fds());
}

TEST_F(lib_signal, refuses)
{
	const char *longer = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static const char *const names[] = { NULL, "", ".", "@", "@client", "a/b", "a\nb" };
	l4shmc_area_t *area = &self->lib.area;
	l4shmc_signal_t signal;

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(-L4_EINVAL, l4shmc_add_signal(area, names[i], &signal));
		EXPECT_EQ(-L4_EINVAL, l4shmc_get_signal(area, names[i], &signal));
		EXPECT_EQ(-L4_EINVAL, l4shmc_get_signal_to(area, names[i], 1, &signal));
		EXPECT_EQ(-L4_EINVAL, l4shmc_add_counting_signal(area, names[i], &signal));
	}
	EXPECT_EQ(-L4_ENAMETOOLONG, l4shmc_add_signal(area, longer, &signal));
	EXPECT_EQ(-L4_ENAMETOOLONG, l4shmc_get_signal(area, longer, &signal));
	EXPECT_EQ(-L4_ENAMETOOLONG, l4shmc_add_counting_signal(area, longer, &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_signal(area, "s", NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_signal(area, "s", NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_signal_to(area, "s", 1, NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_clients_signal(area, NULL));
	EXPECT_EQ(-L4_EPERM, l4shmc_add_signal(&self->watcher, "s", &signal));
	EXPECT_EQ(-L4_EPERM, l4shmc_get_signal(&self->watcher, "s", &signal));
	EXPECT_EQ(-L4_EPERM, l4shmc_add_counting_signal(&self->watcher, "s", &signal));
}

TEST_F(lib_signal, counts_if_it_was_made_so)
{
	l4shmc_signal_t signal;

	EXPECT_EQ(self->counting ? 0 : -L4_EEXIST,
		  l4shmc_add_counting_signal(&self->peer, "s", &signal));
	EXPECT_EQ(self->counting ? 0 : -L4_EEXIST,
		  l4shmc_add_counting_signal(&self->lib.area, "s", &signal));
	EXPECT_EQ(0, l4shmc_add_signal(&self->peer, "s", &signal));
}

/* Triggers and waits */

TEST_F(lib_signal, pending_event_counts_with_any_timeout)
{
	const l4_timeout_t timeouts[] = {
		L4_IPC_NEVER, L4_IPC_BOTH_TIMEOUT_0, L4_IPC_RECV_TIMEOUT_0, L4_IPC_SEND_TIMEOUT_0,
		l4_timeout(L4_IPC_TIMEOUT_0, l4_timeout_from_us(1)),
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(timeouts); i++) {
		ASSERT_EQ(0, l4shmc_trigger(&self->mine));
		EXPECT_EQ(0, l4shmc_wait_signal_to(&self->theirs, timeouts[i]));
	}
	ASSERT_EQ(0, l4shmc_trigger(&self->mine));
	EXPECT_EQ(0, l4shmc_wait_signal(&self->theirs));
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs));
	EXPECT_EQ(0, l4shmc_wait_signal_try(&self->mine));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&self->mine));
	EXPECT_EQ(0, l4shmc_enable_signal(&self->mine));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&self->mine));
}

TEST_F(lib_signal, triggers_coalesce_or_count)
{
	unsigned int taken = 0;

	for (unsigned int i = 0; i < rounds(10000); i++)
		ASSERT_EQ(0, l4shmc_trigger(&self->mine));
	while (l4shmc_wait_signal_try(&self->theirs) == 0)
		taken++;
	EXPECT_EQ(self->counting ? rounds(10000) : 1, taken);
}

static l4_timeout_t receive(l4_timeout_s timeout)
{
	return l4_timeout(L4_IPC_TIMEOUT_NEVER, timeout);
}

TEST_F(lib_signal, time_is_over)
{
	__u64 start;

	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(&self->mine, L4_IPC_BOTH_TIMEOUT_0));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(&self->mine, L4_IPC_RECV_TIMEOUT_0));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(&self->mine, receive(l4_timeout_from_us(1))));
	start = now_ns();
	EXPECT_EQ(TIMED_OUT,
		  l4shmc_wait_signal_to(&self->mine, receive(l4_timeout_from_us(30000))));
	EXPECT_GE(now_ns() - start, 30 * NS_PER_MS);
	start = now_ns();
	EXPECT_EQ(TIMED_OUT, l4shmc_call_to(&self->reply, &self->mine,
					    receive(l4_timeout_from_us(30000))));
	EXPECT_GE(now_ns() - start, 30 * NS_PER_MS);
	EXPECT_EQ(0, l4shmc_wait_signal_try(&self->reply));
	/* Interrupted again and again, it goes on for the rest. */
	start = now_ns();
	interrupt_every(1000);
	EXPECT_EQ(TIMED_OUT,
		  l4shmc_wait_signal_to(&self->mine, receive(l4_timeout_from_us(60000))));
	interrupt_every(0);
	EXPECT_GE(now_ns() - start, 60 * NS_PER_MS);
	EXPECT_LE(now_ns() - start, HANG_NS);
}

TEST_F(lib_signal, absolute_time_is_over)
{
	__u64 start = now_ns();
	l4_cpu_time_t now = l4_kip_clock(NULL);

	EXPECT_EQ(TIMED_OUT,
		  l4shmc_wait_signal_to(&self->mine, receive(l4_timeout_abs(now + 30000, 3))));
	EXPECT_GE(now_ns() - start, 30 * NS_PER_MS);
	/* In the past, and right now */
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(&self->mine, receive(l4_timeout_abs(1, 0))));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(&self->mine, receive(l4_timeout_abs(now, 0))));
	EXPECT_EQ(0, l4shmc_trigger(&self->mine));
	EXPECT_EQ(0, l4shmc_wait_signal_to(&self->mine, receive(l4_timeout_abs(1, 0))));
}

static int wait_once(void *arg)
{
	FIXTURE_DATA(lib_signal) * self = arg;

	CHECK(l4shmc_wait_signal(&self->theirs) == 0);
	__atomic_fetch_add(self->taken, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static int wait_long(void *arg)
{
	FIXTURE_DATA(lib_signal) * self = arg;

	/* The send half says at once: it does not matter. */
	CHECK(l4shmc_wait_signal_to(&self->theirs, L4_IPC_SEND_TIMEOUT_0) == 0);
	*self->taken = 1;
	CHECK(l4shmc_wait_signal_to(&self->theirs, receive(l4_timeout_rel(1023, 31))) == 0);
	return 0;
}

static long waiters(FIXTURE_DATA(lib_signal) * self)
{
	return signal_waiters(self->lib.name, "s");
}

TEST_F(lib_signal, sleeper_is_woken)
{
	pid_t pid = spawn(wait_long, self);

	for (unsigned int i = 0; i < 2; i++) {
		ASSERT_TRUE(WAIT_UNTIL(*self->taken == i && waiters(self) == 1));
		EXPECT_EQ(0, l4shmc_trigger(&self->mine));
	}
	EXPECT_EQ(0, reap(pid));
}

TEST_F(lib_signal, one_event_wakes_one)
{
	pid_t pids[4];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(wait_once, self);
	ASSERT_TRUE(WAIT_UNTIL(waiters(self) == (long)ARRAY_SIZE(pids)));
	for (unsigned int i = 1; i <= ARRAY_SIZE(pids); i++) {
		EXPECT_EQ(0, l4shmc_trigger(&self->mine));
		EXPECT_TRUE(WAIT_UNTIL(*self->taken == i));
		nap_us(2000);
		EXPECT_EQ(i, *self->taken);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, reap(pids[i]));
}

/* Those that wait for what does not come */

#define IDLERS ((int)rounds(1000))

static void *idle(void *signal)
{
	l4shmc_wait_signal(signal);
	return NULL;
}

static int idle_crowd(void *arg)
{
	FIXTURE_DATA(lib_signal) * self = arg;
	pthread_attr_t attr;
	pthread_t thread;

	CHECK(pthread_attr_init(&attr) == 0);
	CHECK(pthread_attr_setstacksize(&attr, 65536) == 0);
	for (int i = 0; i < IDLERS; i++)
		CHECK(pthread_create(&thread, &attr, idle, &self->theirs) == 0);
	pause();
	return 1;
}

/* How often the threads of a process have left the CPU, and its time in ticks */
struct usage {
	unsigned long switches;
	unsigned long ticks;
};

static unsigned long task_switches(pid_t pid, const char *task)
{
	unsigned long sum = 0, number;
	char path[64], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%.16s/status", pid, task);
	f = fopen(path, "r");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "voluntary_ctxt_switches: %lu", &number) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %lu", &number) == 1)
			sum += number;
	fclose(f);
	return sum;
}

static struct usage usage_of(pid_t pid)
{
	struct usage usage = { 0 };
	unsigned long user, kernel;
	struct dirent *entry;
	char path[64];
	DIR *tasks;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks)))
		if (entry->d_name[0] != '.')
			usage.switches += task_switches(pid, entry->d_name);
	if (tasks)
		closedir(tasks);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (f && fscanf(f, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
			&kernel) == 2)
		usage.ticks = user + kernel;
	if (f)
		fclose(f);
	return usage;
}

static bool rests(pid_t pid, unsigned int us)
{
	struct usage before = usage_of(pid), after;

	nap_us(us);
	after = usage_of(pid);
	return before.switches == after.switches && before.ticks == after.ticks;
}

TEST_F(lib_signal, idle_waiters_use_no_cpu)
{
	pid_t pid = spawn(idle_crowd, self);

	ASSERT_TRUE(WAIT_UNTIL(waiters(self) == IDLERS));
	/* The last ones may not be quite asleep yet. */
	ASSERT_TRUE(WAIT_UNTIL(rests(pid, 10000)));
	EXPECT_GE(usage_of(pid).switches, IDLERS);
	EXPECT_TRUE(rests(pid, 1000000));
	kill_child(pid);
}

/* To and fro: by sleeping, by spinning, and with calls */

#define TRIPS rounds(500)

static int answer(void *arg)
{
	FIXTURE_DATA(lib_signal) * self = arg;

	for (unsigned int i = TRIPS; i > 0; i--) {
		CHECK(l4shmc_wait_signal(&self->theirs) == 0);
		CHECK(l4shmc_trigger(&self->reply) == 0);
	}
	return 0;
}

static void ask(struct __test_metadata *_metadata, FIXTURE_DATA(lib_signal) * self, bool call)
{
	pid_t pid = spawn(answer, self);

	for (unsigned int i = TRIPS; i > 0; i--) {
		if (call) {
			ASSERT_EQ(0, l4shmc_call(&self->mine, &self->reply));
		} else {
			ASSERT_EQ(0, l4shmc_trigger(&self->mine));
			ASSERT_EQ(0, l4shmc_wait_signal(&self->reply));
		}
	}
	EXPECT_EQ(0, reap(pid));
}

TEST_F(lib_signal, attack_36_no_wake_up_is_lost)
{
	l4shmc_set_spin_limit(0);
	ask(_metadata, self, false);
}

TEST_F(lib_signal, attack_36_no_wake_up_is_lost_when_spinning)
{
	l4shmc_set_spin_limit(200);
	ask(_metadata, self, false);
}

TEST_F(lib_signal, calls_are_answered)
{
	l4shmc_set_spin_limit(0);
	ask(_metadata, self, true);
}

TEST_F(lib_signal, calls_are_answered_when_spinning)
{
	l4shmc_set_spin_limit(200);
	ask(_metadata, self, true);
}

/* From now on a RING kills the process with SIGSYS. */
static int forbid_ringing(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, L4SHMC_IOC_RING, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return install_filter(filter, ARRAY_SIZE(filter));
}

static int call_without_ringing(void *arg)
{
	FIXTURE_DATA(lib_signal) * self = arg;

	l4shmc_set_spin_limit(0);
	if (forbid_ringing())
		return KSFT_SKIP;
	for (unsigned int i = TRIPS; i > 0; i--)
		CHECK(l4shmc_call(&self->mine, &self->reply) == 0);
	return 0;
}

/* What a call has to wake it wakes in the same system call as it waits. */
TEST_F(lib_signal, call_is_one_system_call)
{
	pid_t pid = spawn(answer, self);
	int result;

	ASSERT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	result = run_child(call_without_ringing, self);
	if (result == KSFT_SKIP) {
		kill_child(pid);
		SKIP(return, "no seccomp");
	}
	EXPECT_EQ(0, result);
	if (result)
		kill_child(pid);
	else
		EXPECT_EQ(0, reap(pid));
}

/* The bound holds even if the other side never runs. */
TEST_F(lib_signal, attack_46_spinning_ends)
{
	unsigned int before = l4shmc_set_spin_limit(12345);

	EXPECT_EQ(12345, l4shmc_set_spin_limit(50000));
	for (unsigned int i = 0; i < 20; i++)
		EXPECT_EQ(TIMED_OUT,
			  l4shmc_wait_signal_to(&self->mine, receive(l4_timeout_from_us(100))));
	EXPECT_EQ(50000, l4shmc_set_spin_limit(0));
	EXPECT_EQ(0, l4shmc_set_spin_limit(before));
	EXPECT_EQ(before, l4shmc_set_spin_limit(before));
}

/*
 * The bound in numbers: the instructions of a wait whose other side never runs,
 * up to where it goes to sleep.
 */
#define WAITS 3
#define PER_LOOK 100
#define BESIDE_LOOKS 5000
#define STEPS_TOO_MANY 1000000

static int wait_under_a_tracer(void *arg)
{
	FIXTURE_DATA(lib_signal) * self = arg;

	CHECK(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
	raise(SIGSTOP);
	for (unsigned int i = 0; i < WAITS; i++)
		l4shmc_wait_signal(&self->reply);
	return 0;
}

#ifdef __x86_64__
static bool is_sleep(pid_t pid, struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_GETREGS, pid, NULL, regs) || regs->rax != SYS_ioctl)
		return false;
	return (__u32)regs->rsi == L4SHMC_IOC_WAIT &&
	       (ptrace(PTRACE_PEEKTEXT, pid, regs->rip, NULL) & 0xffff) == 0x050f;
}

/* Steps up to the wait's system call, which then is left out; 0: it has ended */
static unsigned int count_steps(pid_t pid)
{
	struct user_regs_struct regs;
	unsigned int steps = 0;
	int status;

	do {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) ||
		    waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return 0;
		steps++;
	} while (!is_sleep(pid, &regs) && steps < STEPS_TOO_MANY);
	regs.rip += 2;
	regs.rax = 0;
	return ptrace(PTRACE_SETREGS, pid, NULL, &regs) ? 0 : steps;
}

static unsigned int most_steps(struct __test_metadata *_metadata, FIXTURE_DATA(lib_signal) * self)
{
	const struct sched_param param = { 0 };
	pid_t pid = spawn(wait_under_a_tracer, self);
	unsigned int most = 0, waits = 0, steps;
	int status;

	/*
	 * Who stops is off the CPU then before the tracer looks, which else would sleep for
	 * a tick at each step where kernels are preemptible.
	 */
	sched_setscheduler(0, SCHED_IDLE, &param);
	sched_setscheduler(pid, SCHED_OTHER, &param);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	while ((steps = count_steps(pid)) > 0) {
		if (waits++ < WAITS && steps > most)
			most = steps;
		if (steps >= STEPS_TOO_MANY) {
			kill_child(pid);
			break;
		}
	}
	EXPECT_EQ(WAITS, waits);
	return most;
}
#else
static unsigned int most_steps(struct __test_metadata *_metadata, FIXTURE_DATA(lib_signal) * self)
{
	SKIP(return 0, "counts instructions of x86-64 only");
}
#endif

static bool pin_to_cpu_0(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	return sched_setaffinity(0, sizeof(cpus), &cpus) == 0;
}

TEST_F_TIMEOUT(lib_signal, attack_46_instructions_of_a_wait_are_bounded, 300)
{
	const unsigned int own = l4shmc_set_spin_limit(0);
	const unsigned int limits[] = { rounds(own), 0, 8, 100 };

	/* Steps take less time so, and the library has decided already. */
	ASSERT_TRUE(pin_to_cpu_0());
	for (unsigned int i = 0; i < ARRAY_SIZE(limits); i++) {
		unsigned int most;

		l4shmc_set_spin_limit(limits[i]);
		most = most_steps(_metadata, self);
		TH_LOG("at most %u instructions with %u looks", most, limits[i]);
		EXPECT_LE(most, BESIDE_LOOKS + limits[i] * PER_LOOK);
		EXPECT_GE(most, 1);
	}
	/* What it does unasked is a matter of some microseconds. */
	EXPECT_LE(own, 1000);
}

/* On one CPU a spinning one of real-time priority keeps an idle one from running. */
static int answer_idly(void *arg)
{
	struct sched_param param = { 0 };

	CHECK(sched_setscheduler(0, SCHED_IDLE, &param) == 0);
	return answer(arg);
}

TEST_F_TIMEOUT(lib_signal, attack_45_fifo_that_spins_asks_idle, 300)
{
	struct sched_param param = { .sched_priority = 50 }, normal = { 0 };
	pid_t pid;

	ASSERT_TRUE(pin_to_cpu_0());
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		SKIP(return, "no right to real-time priority");
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_OTHER, &normal));
	pid = spawn(answer_idly, self);
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_FIFO, &param));
	/* As if it did not know of the one CPU */
	l4shmc_set_spin_limit(1000);
	for (unsigned int i = TRIPS; i > 0; i--) {
		ASSERT_EQ(0, l4shmc_trigger(&self->mine));
		ASSERT_EQ(0, l4shmc_wait_signal(&self->reply));
	}
	EXPECT_EQ(0, reap(pid));
}

TEST_F(lib_signal, call_takes_what_is_pending)
{
	EXPECT_EQ(TIMED_OUT, l4shmc_call_to(&self->mine, &self->reply, L4_IPC_BOTH_TIMEOUT_0));
	EXPECT_EQ(0, l4shmc_wait_signal_try(&self->theirs));
	ASSERT_EQ(0, l4shmc_trigger(&self->reply));
	EXPECT_EQ(0, l4shmc_call(&self->mine, &self->reply));
	EXPECT_EQ(0, l4shmc_wait_signal_try(&self->theirs));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&self->reply));
}

/* The driver's signal */

TEST_F(lib_signal, clients_signal)
{
	l4shmc_signal_t clients, watched;
	l4shmc_area_t more;

	ASSERT_EQ(0, l4shmc_get_clients_signal(&self->lib.area, &clients));
	ASSERT_EQ(0, l4shmc_get_clients_signal(&self->watcher, &watched));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&clients));
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &more));
	EXPECT_EQ(0, l4shmc_wait_signal(&clients));
	EXPECT_EQ(0, l4shmc_wait_signal(&watched));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&clients));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&watched));
	ASSERT_EQ(0, l4shmc_mark_client_initialized(&more));
	EXPECT_EQ(0, l4shmc_wait_signal_try(&clients));
	ASSERT_EQ(0, l4shmc_detach(&more));
	EXPECT_EQ(0, l4shmc_wait_signal_to(&watched, L4_IPC_BOTH_TIMEOUT_0));
	EXPECT_EQ(-L4_EPERM, l4shmc_trigger(&clients));
	EXPECT_EQ(-L4_EPERM, l4shmc_trigger(&watched));
	EXPECT_EQ(-L4_EPERM, l4shmc_call(&clients, &self->mine));
	EXPECT_EQ(-L4_EPERM, l4shmc_call_to(&clients, &self->mine, L4_IPC_BOTH_TIMEOUT_0));
}

/* In an event loop */

TEST_F(lib_signal, descriptor_is_readable_while_pending)
{
	struct pollfd poller = { .fd = l4shmc_signal_fd(&self->mine), .events = POLLIN };

	ASSERT_GE(poller.fd, 0);
	EXPECT_EQ(0, poll(&poller, 1, 0));
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs));
	EXPECT_EQ(1, poll(&poller, 1, -1));
	EXPECT_EQ(0, l4shmc_wait_signal_try(&self->mine));
	EXPECT_EQ(0, poll(&poller, 1, 0));
}

static l4shmc_signal_t *for_handler;

static void trigger_in_handler(int number)
{
	(void)number;
	l4shmc_trigger(for_handler);
}

TEST_F(lib_signal, handler_of_unix_signals_may_trigger)
{
	struct sigaction action = { .sa_handler = trigger_in_handler };
	struct itimerval timer = { .it_interval = { 0, 1000 }, .it_value = { 0, 1000 } };

	for_handler = &self->theirs;
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	for (unsigned int i = 0; i < 50; i++)
		EXPECT_EQ(0, l4shmc_wait_signal(&self->mine));
	memset(&timer, 0, sizeof(timer));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
}

/* Without the kernel */

static int trigger_silently(void *arg)
{
	FIXTURE_DATA(lib_signal) * self = arg;

	if (forbid_system_calls())
		return KSFT_SKIP;
	for (unsigned int i = rounds(1000000); i > 0; i--)
		CHECK(l4shmc_trigger(&self->mine) == 0);
	return 0;
}

static int wait_silently(void *arg)
{
	FIXTURE_DATA(lib_signal) * self = arg;

	if (forbid_system_calls())
		return KSFT_SKIP;
	for (unsigned int i = rounds(1000000); i > 0; i--) {
		CHECK(l4shmc_trigger(&self->mine) == 0);
		CHECK(l4shmc_wait_signal(&self->theirs) == 0);
		CHECK(l4shmc_wait_signal_try(&self->theirs) == TIMED_OUT);
	}
	return 0;
}

static int poll_silently(void *arg)
{
	FIXTURE_DATA(lib_signal) * self = arg;

	if (forbid_system_calls())
		return KSFT_SKIP;
	for (unsigned int i = rounds(100000); i > 0; i--) {
		CHECK(l4shmc_trigger(&self->mine) == 0);
		CHECK(l4shmc_wait_signal_to(&self->theirs, L4_IPC_BOTH_TIMEOUT_0) == 0);
		CHECK(l4shmc_wait_signal_to(&self->theirs, L4_IPC_BOTH_TIMEOUT_0) == TIMED_OUT);
		CHECK(l4shmc_trigger(&self->reply) == 0);
		CHECK(l4shmc_call(&self->mine, &self->reply) == 0);
		CHECK(l4shmc_wait_signal_try(&self->theirs) == 0);
		CHECK(l4shmc_enable_signal(&self->theirs) == 0);
	}
	return 0;
}

static void expect_silence(struct __test_metadata *_metadata, FIXTURE_DATA(lib_signal) * self,
			   int (*run)(void *))
{
	int result = run_child(run, self);

	if (result == KSFT_SKIP)
		SKIP(return, "no seccomp");
	/* 128 and SIGSYS if it made a system call */
	EXPECT_EQ(0, result);
}

TEST_F(lib_signal, trigger_without_sleeper_makes_no_system_call)
{
	expect_silence(_metadata, self, trigger_silently);
}

TEST_F(lib_signal, wait_with_pending_event_makes_no_system_call)
{
	expect_silence(_metadata, self, wait_silently);
}

TEST_F(lib_signal, looking_makes_no_system_call)
{
	expect_silence(_metadata, self, poll_silently);
}

static int sleep_silently(void *arg)
{
	FIXTURE_DATA(lib_signal) * self = arg;

	if (forbid_system_calls())
		return KSFT_SKIP;
	l4shmc_wait_signal(&self->mine);
	return 0;
}

/* That the trap is set at all */
TEST_F(lib_signal, wait_with_nothing_pending_makes_a_system_call)
{
	int result = run_child(sleep_silently, self);

	if (result == KSFT_SKIP)
		SKIP(return, "no seccomp");
	EXPECT_EQ(128 + SIGSYS, result);
}

/* Descriptors that stand for nothing (any more) */

static void expect_no_signal(struct __test_metadata *_metadata, l4shmc_signal_t *signal,
			     l4shmc_signal_t *good)
{
	EXPECT_EQ(-L4_EINVAL, l4shmc_trigger(signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_enable_signal(signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_signal(signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_signal_to(signal, L4_IPC_NEVER));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_signal_try(signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_call(signal, good));
	EXPECT_EQ(-L4_EINVAL, l4shmc_call(good, signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_call_to(signal, good, L4_IPC_NEVER));
	EXPECT_EQ(-L4_EINVAL, l4shmc_call_to(good, signal, L4_IPC_NEVER));
	EXPECT_EQ(-L4_EINVAL, l4shmc_signal_fd(signal));
	/* A call that is refused has triggered nothing. */
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(good));
}

TEST_F(lib_signal, null_zero_garbage)
{
	l4shmc_signal_t signal;

	expect_no_signal(_metadata, NULL, &self->mine);
	memset(&signal, 0, sizeof(signal));
	expect_no_signal(_metadata, &signal, &self->mine);
	memset(&signal, 0xa5, sizeof(signal));
	expect_no_signal(_metadata, &signal, &self->mine);
}

TEST_F(lib_signal, of_a_detached_area)
{
	l4shmc_signal_t copy = self->theirs;

	EXPECT_EQ(0, l4shmc_trigger(&copy));
	EXPECT_EQ(0, l4shmc_wait_signal_try(&self->mine));
	ASSERT_EQ(0, l4shmc_detach(&self->peer));
	expect_no_signal(_metadata, &self->theirs, &self->mine);
	expect_no_signal(_metadata, &copy, &self->mine);
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &self->peer));
	expect_no_signal(_metadata, &self->theirs, &self->mine);
	ASSERT_EQ(0, l4shmc_get_signal(&self->peer, "s", &self->theirs));
	EXPECT_EQ(0, l4shmc_trigger(&self->theirs));
	EXPECT_EQ(0, l4shmc_wait_signal_try(&self->mine));
}

TEST_HARNESS_MAIN
