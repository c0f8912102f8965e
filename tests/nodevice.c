// SPDX-License-Identifier: GPL-2.0-or-later
/* What the library answers to bad pointers, and where there is no device. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <l4/shmc/linux.h>
#include <l4/shmc/ringbuf.h>
#include <l4/sys/err.h>
#include <pthread-l4.h>

#include "tap.h"

/* Descriptors that were never set up: with all bits zero, and with others. */
struct descriptors {
	l4shmc_area_t area;
	l4shmc_chunk_t chunk;
	l4shmc_signal_t signal;
	l4shmc_ringbuf_t ring;
};

static struct descriptors zero, odd, out;

/* The calls of one function, which all have to give the same. */
static void all_give(char const *name, char const *wanted_text, long wanted, size_t count,
		     long const *results)
{
	size_t i, wrong = 0;

	for (i = 0; i < count; i++)
		wrong += results[i] != wanted;
	if (ok(!wrong, "%s: %s", name, wanted_text))
		return;
	for (i = 0; i < count; i++)
		diag("call %zu gave %ld", i, results[i]);
}

#define ALL_GIVE(name, text, wanted, ...) \
	all_give(name, text, wanted, sizeof((long[]){ __VA_ARGS__ }) / sizeof(long), \
		 (long[]){ __VA_ARGS__ })

/* Calls of a function that takes a descriptor first. */
#define CALLS(function, member, ...) \
	(long)function(NULL, ##__VA_ARGS__), (long)function(&zero.member, ##__VA_ARGS__), \
		(long)function(&odd.member, ##__VA_ARGS__)

#define REFUSES(function, member, ...) \
	ALL_GIVE(#function, "-L4_EINVAL for a bad " #member, -L4_EINVAL, \
		 CALLS(function, member, ##__VA_ARGS__))

#define GIVES_ZERO(function, member, ...) \
	ALL_GIVE(#function, "0 for a bad " #member, 0, CALLS(function, member, ##__VA_ARGS__))

static void test_areas(void)
{
	char const *name = NULL;
	l4_umword_t mask = 0;

	REFUSES(l4shmc_get_client_nr, area);
	REFUSES(l4shmc_mark_client_initialized, area);
	REFUSES(l4shmc_get_initialized_clients, area, &mask);
	REFUSES(l4shmc_wait_clients, area, 1, 0);
	REFUSES(l4shmc_area_size, area);
	REFUSES(l4shmc_area_size_free, area);
	REFUSES(l4shmc_area_fd, area);
	GIVES_ZERO(l4shmc_area_ptr, area);
	REFUSES(l4shmc_detach, area);
	REFUSES(l4shmc_add_chunk, area, "chunk", 64, &out.chunk);
	REFUSES(l4shmc_get_chunk, area, "chunk", &out.chunk);
	REFUSES(l4shmc_get_chunk_to, area, "chunk", 60000, &out.chunk);
	REFUSES(l4shmc_iterate_chunk, area, &name, 0);
	REFUSES(l4shmc_add_signal, area, "signal", &out.signal);
	REFUSES(l4shmc_get_signal, area, "signal", &out.signal);
	REFUSES(l4shmc_get_signal_to, area, "signal", 60000, &out.signal);
	REFUSES(l4shmc_add_counting_signal, area, "signal", &out.signal);
	REFUSES(l4shmc_get_clients_signal, area, &out.signal);
	REFUSES(l4shmc_attach_signal, area, "signal", pthread_l4_cap(pthread_self()), &out.signal);
	REFUSES(l4shmc_attach_signal_to, area, "signal", pthread_l4_cap(pthread_self()), 60000,
		&out.signal);
	ok(!name && !mask, "nothing is filled in on an error");
}

static void test_chunks(void)
{
	REFUSES(l4shmc_connect_chunk_signal, chunk, &out.signal);
	REFUSES(l4shmc_chunk_capacity, chunk);
	REFUSES(l4shmc_chunk_size, chunk);
	REFUSES(l4shmc_chunk_try_to_take, chunk);
	REFUSES(l4shmc_chunk_try_to_take_for_writing, chunk);
	REFUSES(l4shmc_chunk_try_to_take_for_overwriting, chunk);
	REFUSES(l4shmc_chunk_try_to_take_for_reading, chunk);
	REFUSES(l4shmc_chunk_ready, chunk, 0);
	REFUSES(l4shmc_chunk_ready_sig, chunk, 0);
	REFUSES(l4shmc_chunk_consumed, chunk);
	REFUSES(l4shmc_is_chunk_clear, chunk);
	REFUSES(l4shmc_is_chunk_ready, chunk);
	REFUSES(l4shmc_enable_chunk, chunk);
	REFUSES(l4shmc_wait_chunk, chunk);
	REFUSES(l4shmc_wait_chunk_to, chunk, L4_IPC_NEVER);
	REFUSES(l4shmc_wait_chunk_try, chunk);
	GIVES_ZERO(l4shmc_check_magic, chunk);
	GIVES_ZERO(l4shmc_chunk_ptr, chunk);
	GIVES_ZERO(l4shmc_chunk_signal, chunk);
}

static void test_signals(void)
{
	REFUSES(l4shmc_trigger, signal);
	REFUSES(l4shmc_enable_signal, signal);
	REFUSES(l4shmc_wait_signal, signal);
	REFUSES(l4shmc_wait_signal_to, signal, L4_IPC_NEVER);
	REFUSES(l4shmc_wait_signal_try, signal);
	REFUSES(l4shmc_signal_fd, signal);
	ALL_GIVE("l4shmc_signal_cap", "L4_INVALID_CAP for a bad signal", (long)L4_INVALID_CAP,
		 CALLS(l4shmc_signal_cap, signal));
	REFUSES(l4shmc_call, signal, &zero.signal);
	REFUSES(l4shmc_call_to, signal, &zero.signal, L4_IPC_NEVER);
}

static void test_rings(void)
{
	unsigned size = 4;
	char data[4];

	REFUSES(l4shmc_rb_attach_sender, ring, "signal", pthread_l4_cap(pthread_self()));
	REFUSES(l4shmc_rb_sender_next_copy_in, ring, data, 4, 1);
	REFUSES(l4shmc_rb_receiver_wait_for_data, ring, 1);
	REFUSES(l4shmc_rb_receiver_copy_out, ring._head, data, &size);
	REFUSES(l4shmc_rb_receiver_read_next_size, ring._head);
	GIVES_ZERO(l4shmc_rb_sender_alloc_packet, ring._head, 4);
	ALL_GIVE("functions that set up a ring", "-L4_EINVAL for a null pointer or a bad area",
		 -L4_EINVAL, l4shmc_rb_init_buffer(NULL, &odd.area, "ring", "ring", 4096),
		 l4shmc_rb_init_buffer(&out.ring, NULL, "ring", "ring", 4096),
		 l4shmc_rb_init_buffer(&out.ring, &odd.area, "ring", "ring", 4096),
		 l4shmc_rb_init_receiver(NULL, &odd.area, "ring", "ring"),
		 l4shmc_rb_init_receiver(&out.ring, NULL, "ring", "ring"),
		 l4shmc_rb_init_receiver(&out.ring, &odd.area, "ring", "ring"));
	l4shmc_rb_deinit_buffer(NULL);
	l4shmc_rb_deinit_buffer(&odd.ring);
	l4shmc_rb_attach_receiver(NULL, 0);
	l4shmc_rb_attach_receiver(&odd.ring, 0);
	l4shmc_rb_sender_put_data(NULL, data, data, 4);
	l4shmc_rb_sender_put_data(&odd.ring, data, data, 4);
	l4shmc_rb_sender_commit_packet(NULL);
	l4shmc_rb_sender_commit_packet(&odd.ring);
	l4shmc_rb_receiver_notify_done(NULL);
	l4shmc_rb_receiver_notify_done(&odd.ring);
	ok(!memcmp(&out.ring, &zero.ring, sizeof(out.ring)), "functions without a result return");
}

/* Of a thread that nothing is bound to. */
static void test_wait_any(void)
{
	l4shmc_signal_t *signal = &out.signal;

	ALL_GIVE("functions that wait for any signal", "-L4_EINVAL for a null pointer", -L4_EINVAL,
		 l4shmc_wait_any(NULL), l4shmc_wait_any_to(L4_IPC_NEVER, NULL),
		 l4shmc_wait_any_try(NULL));
	ALL_GIVE("functions that wait for any signal", "-L4_EINVAL if they would never return",
		 -L4_EINVAL, l4shmc_wait_any(&signal), l4shmc_wait_any_to(L4_IPC_NEVER, &signal));
	ALL_GIVE("functions that wait for any signal", "-2003 if they need not wait", -2003,
		 l4shmc_wait_any_to(L4_IPC_BOTH_TIMEOUT_0, &signal), l4shmc_wait_any_try(&signal));
	ok(signal == &out.signal, "a failed wait for any signal fills nothing in");
}

/* Pointers that are bad whether there is a device or not. */
static void test_null_arguments(void)
{
	int null_device = open("/dev/null", O_RDWR | O_CLOEXEC);

	ALL_GIVE("functions that take a name", "-L4_EINVAL for a null pointer", -L4_EINVAL,
		 l4shmc_create(NULL), l4shmc_create(NULL, 4096), l4shmc_create_sized(NULL, 4096),
		 l4shmc_create_area(NULL, 4096, 0600, 0),
		 l4shmc_create_handle(NULL, 4096, 0600, 0), l4shmc_destroy(NULL),
		 l4shmc_attach(NULL, &out.area), l4shmc_attach_to(NULL, 60000, &out.area),
		 l4shmc_attach_flags(NULL, L4SHMC_FOREVER, 0, &out.area));
	ALL_GIVE("functions that attach", "-L4_EINVAL for a null pointer", -L4_EINVAL,
		 l4shmc_attach("nobody", NULL), l4shmc_attach_to("nobody", 60000, NULL),
		 l4shmc_attach_flags("nobody", L4SHMC_FOREVER, 0, NULL),
		 l4shmc_attach_handle(null_device, 0, NULL));
	ALL_GIVE("l4shmc_attach_handle", "-L4_EINVAL for what is not a handle", -L4_EINVAL,
		 l4shmc_attach_handle(-1, 0, &out.area),
		 l4shmc_attach_handle(null_device, 0, &out.area));
	ok(!memcmp(&out.area, &zero.area, sizeof(out.area)), "a failed attach fills nothing in");
	close(null_device);
}

static void test_no_device(void)
{
	static char const what[] = "without a device: -L4_ENODEV, at once";

	if (access("/dev/l4shmc", F_OK) == 0) {
		skip("there is a device", "%s", what);
		return;
	}
	ALL_GIVE("functions that create", what, -L4_ENODEV, l4shmc_create("nobody"),
		 l4shmc_create("nobody", 4096), (&l4shmc_create)("nobody"),
		 l4shmc_create_sized("nobody", 4096), l4shmc_create_area("nobody", 4096, 0600, 0),
		 l4shmc_create_area("nobody", 4096, 0600, L4SHMC_PERSISTENT | L4SHMC_EXCLUSIVE),
		 l4shmc_create_handle("nobody", 4096, 0600, 0));
	ALL_GIVE("functions that attach", what, -L4_ENODEV, l4shmc_attach("nobody", &out.area),
		 l4shmc_attach_to("nobody", 60000, &out.area),
		 l4shmc_attach_flags("nobody", L4SHMC_FOREVER, L4SHMC_OBSERVER, &out.area));
	ALL_GIVE("l4shmc_wait_any_fd", what, -L4_ENODEV, l4shmc_wait_any_fd());
	ALL_GIVE("l4shmc_destroy", what, -L4_ENODEV, l4shmc_destroy("nobody"));
	ok(l4shmc_area_size(&out.area) == -L4_EINVAL,
	   "what a failed attach leaves is not an area");
}

/* What the configuration forbids does not come to the device. */
static void test_configuration(void)
{
	char dir[] = "/tmp/l4shmc-test.XXXXXX";
	char path[sizeof(dir) + 16];
	FILE *file = NULL;

	if (mkdtemp(dir)) {
		snprintf(path, sizeof(path), "%s/a.conf", dir);
		file = fopen(path, "w");
	}
	if (!ok(file != NULL, "scratch file"))
		return;
	fputs("default none\nbroken 1Q\n", file);
	fclose(file);
	setenv("L4SHMC_CONFIG_DIR", dir, 1);
	ALL_GIVE("l4shmc_create", "-L4_ENOENT for what has to be configured and is not",
		 -L4_ENOENT, l4shmc_create("nobody"), l4shmc_create("nobody", 4096));
	ALL_GIVE("l4shmc_create", "-L4_EINVAL for a mistake in the configuration", -L4_EINVAL,
		 l4shmc_create("broken"), l4shmc_create("broken", 4096));
	ALL_GIVE("l4shmc_create", "-L4_EINVAL for a bad name, configured or not", -L4_EINVAL,
		 l4shmc_create("@clients"), l4shmc_create("a/b"), l4shmc_create(""));
	ALL_GIVE(
		"l4shmc_create", "-L4_ENAMETOOLONG", -L4_ENAMETOOLONG,
		l4shmc_create("0123456789012345678901234567890123456789012345678901234567890123"));
	setenv("L4SHMC_CONFIG_DIR", "/nonexistent", 1);
	unlink(path);
	rmdir(dir);
}

static void test_constants(void)
{
	unsigned before = l4shmc_set_spin_limit(7);

	ok(!strcmp(l4shmc_version(), PACKAGE_VERSION), "l4shmc_version: " PACKAGE_VERSION);
	ok(l4shmc_set_spin_limit(before) == 7, "l4shmc_set_spin_limit: gives the limit before");
	ok(l4shmc_area_overhead() >= 0 && l4shmc_chunk_overhead() >= 0 &&
		   2 * l4shmc_chunk_overhead() + l4shmc_area_overhead() <= 192,
	   "l4shmc_area_overhead, l4shmc_chunk_overhead: room for two chunks");
}

int main(void)
{
	/* None of this waits. */
	alarm(60);
	setenv("L4SHMC_CONFIG_DIR", "/nonexistent", 1);
	memset(&odd, 0x5a, sizeof(odd));
	test_areas();
	test_chunks();
	test_signals();
	test_wait_any();
	test_rings();
	test_null_arguments();
	test_no_device();
	test_configuration();
	test_constants();
	return done_testing();
}
