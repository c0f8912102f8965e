// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Right uses of the headers that a compiler might warn of: headers.sh compiles this
 * as C and as C++, with optimisation, warnings being errors.
 */
#ifdef __cplusplus
/* As for headers that do not know C++ */
extern "C" {
#endif
#include <l4/shmc/ringbuf.h>
#include <l4/util/assert.h>
#ifdef __cplusplus
}
#endif

int receives_into_small_buffers(l4shmc_ringbuf_t *buf, unsigned room);
int sends_from_small_buffers(l4shmc_ringbuf_t *buf, unsigned size);
long creates_in_either_form(char const *name);
void asserts_of_all_types(unsigned u, unsigned short us, long l, l4_umword_t w, char const *p,
			  char const *q);

int receives_into_small_buffers(l4shmc_ringbuf_t *buf, unsigned room)
{
	l4shmc_ringbuf_head_t *head = L4SHMC_RINGBUF_HEAD(buf);
	char small[4] = "", other[3] = "";
	unsigned size = sizeof(small);
	int value = 0;

	if (l4shmc_rb_receiver_copy_out(head, small, &size))
		return small[0];
	size = sizeof(value);
	if (l4shmc_rb_receiver_copy_out(head, (char *)&value, &size))
		return value;
	return l4shmc_rb_receiver_copy_out(head, other, &room) + other[0];
}

int sends_from_small_buffers(l4shmc_ringbuf_t *buf, unsigned size)
{
	char message[16] = "message";

#ifndef __cplusplus
	if (l4shmc_rb_sender_next_copy_in(buf, (char[]){ 1, 2, 3 }, 3, 0))
		return 1;
#endif
	return l4shmc_rb_sender_next_copy_in(buf, message, size, 1);
}

long creates_in_either_form(char const *name)
{
	long (*create)(char const *) = &l4shmc_create;

	return create(name) ? create(name) : l4shmc_create(name) + l4shmc_create(name, 4096);
}

void asserts_of_all_types(unsigned u, unsigned short us, long l, l4_umword_t w, char const *p,
			  char const *q)
{
	ASSERT_BETWEEN(u, 0, 7);
	ASSERT_BETWEEN(l, -1, 1);
	ASSERT_BETWEEN(w, 0U, 7U);
	ASSERT_GREATER_EQ(u, 0);
	ASSERT_GREATER_EQ(us, 0U);
	ASSERT_GREATER_EQ(w, 0);
	ASSERT_GREATER_EQ(l, -1);
	ASSERT_GREATER_EQ(p, q);
	ASSERT_LOWER_EQ(u, 7U);
}
