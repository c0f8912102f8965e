/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protocol of signals: records that are changed in user space, and the
 * driver's queues, locks and wait sets behind them.
 *
 * scripts/model checks each INSTANCE of it, and that each FAULT is found;
 * Documentation/model.rst tells what is in it and what is not. The labels (T1,
 * S2, ...) stand in the comments of lib/signal.c, kmod/signal.c and
 * kmod/waitset.c too.
 *
 * Memory: every process has a store buffer. A store to @armed and an addition
 * to @triggered stay there for any time, and in any order, until BARRIER. An
 * unlock comes after the stores before it, but a lock is no barrier. Loads are
 * not delayed. Compare-and-swap, whose result is looked at, is not either.
 */

#define INST_sleepers	1
#define INST_counting	2
#define INST_death	3
#define INST_poll	4
#define INST_waitset	5
#define INST_crowd	6
#define INST_setpoll	7
#define INST_move	8
#define INST_call	9

#define FAULT_none		0
#define FAULT_barrier_trigger	1
#define FAULT_barrier_sleep	2
#define FAULT_barrier_settle	3
#define FAULT_barrier_poll	4
#define FAULT_recheck_sleep	5
#define FAULT_recheck_settle	6
#define FAULT_recheck_death	7
#define FAULT_disarm_early	8
#define FAULT_ring_kept		9
#define FAULT_set_ring_kept	10
#define FAULT_loads_swapped	11
#define FAULT_unlock_missing	12
#define FAULT_look_stale	13
#define FAULT_way_kept		14

#ifndef FAULT
#define FAULT FAULT_none
#endif

/* What is not used is left out: the compiler is slower than the search. */
#if INSTANCE == INST_waitset || INSTANCE == INST_crowd || INSTANCE == INST_setpoll || \
	INSTANCE == INST_move
#define WAITSETS 1
#else
#define WAITSETS 0
#endif
#define USED(inst) (INSTANCE == INST_##inst)

/* With every load of its own, where that is not too much. */
#define FINE (!(USED(counting) || USED(death) || USED(crowd)))

/* Signals, processes with a store buffer, bindings, wait sets. */
#define NS 2
#define NP 4
#define NB 2
#define NW 2

#define NOTHING 255

#define RUNNING 0
#define SLEEPING 1

typedef signal {
	/* the record */
	byte triggered;
	byte armed;
	byte consumed;
	/* the driver's */
	bool counting;
	bool lock;
	bool polled;
	byte sleepers;		/* count of those who have not been woken */
	byte armed_bindings;	/* count */
	byte queue;		/* sleepers: bit p is process p */
	byte pollers		/* likewise */
};
signal sig[NS];

typedef buffer {
	byte adds[NS];		/* to @triggered */
	byte armed[NS];		/* one more than what is to be stored, or 0 */
	bool unlock[NS]		/* to be done after that */
};
buffer buf[NP];

typedef binding {
	byte sig;
	byte set;
	bool bound;
	bool ready		/* and not armed */
};
binding bind[NB];

typedef waitset {
	byte queue;
	byte pollers
};
waitset set[NW];

/* Of processes: state; on a queue without being asleep; what they wait for. */
bool state[NP];
bool light[NP];
byte waits_sig[NP] = NOTHING;
byte waits_set[NP] = NOTHING;

#define BIT(p) (1 << (p))
#define PENDING(s) (sig[s].triggered != sig[s].consumed)

/* --- memory --------------------------------------------------------------- */

#define HAS_STORE(p, s) (buf[p].armed[s] != 0)

inline commit(p, s)
{
	if
	:: HAS_STORE(p, s) ->
		sig[s].armed = buf[p].armed[s] - 1;
		buf[p].armed[s] = 0
	:: else
	fi;
	if
	:: buf[p].unlock[s] ->
		buf[p].unlock[s] = false;
		sig[s].lock = false
	:: else
	fi
}

inline commit_add(p, s)
{
	sig[s].triggered = sig[s].triggered + buf[p].adds[s];
	buf[p].adds[s] = 0
}

/* To be used inside of atomic. */
inline BARRIER()
{
	commit_add(me, 0);
	commit(me, 0);
	commit_add(me, 1);
	commit(me, 1)
}

#define MEMORY(p, s)								\
	:: atomic { HAS_STORE(p, s) -> commit(p, s) }				\
	:: atomic { buf[p].adds[s] != 0 -> commit_add(p, s) }

#define MEMORY_OF(p) MEMORY(p, 0) MEMORY(p, 1)

/* Makes stores visible, at any time. */
active proctype memory()
{
end:	do
	MEMORY_OF(0)
	MEMORY_OF(1)
	MEMORY_OF(2)
	MEMORY_OF(3)
	od
}

/* --- the driver's helpers; all of them to be used inside of atomic ---------- */

/* A store of what is there already has no effect, and may as well be left out. */
inline store_armed(sa, value)
{
	if
	:: HAS_STORE(me, sa) || sig[sa].armed != (value) -> buf[me].armed[sa] = (value) + 1
	:: else
	fi
}

/* l4shmc_signal_publish() */
inline publish(sp)
{
	store_armed(sp, sig[sp].sleepers + sig[sp].armed_bindings + sig[sp].polled)
}

inline release(sr)
{
	if
	:: HAS_STORE(me, sr) -> buf[me].unlock[sr] = true
	:: else -> sig[sr].lock = false
	fi
}

#define CAN_WAKE(q, p) (((q) & BIT(p)) && (state[p] == SLEEPING || light[p]))

/* An exclusive wake-up takes who does not sleep for one that is awake: the next. */
#define WAKE_ONE(q, who)						\
	who = NOTHING;							\
	if								\
	:: CAN_WAKE(q, 0) -> who = 0					\
	:: CAN_WAKE(q, 1) -> who = 1					\
	:: CAN_WAKE(q, 2) -> who = 2					\
	:: CAN_WAKE(q, 3) -> who = 3					\
	:: else								\
	fi;								\
	if								\
	:: who != NOTHING ->						\
		q = q & ~BIT(who);					\
		state[who] = (light[who] -> state[who] : RUNNING)	\
	:: else								\
	fi

#define WAKE_POLLER(q, p)						\
	if								\
	:: (q) & BIT(p) -> state[p] = RUNNING				\
	:: else								\
	fi

/* All of them, and they stay in the queue. */
#define WAKE_POLLERS(q)							\
	WAKE_POLLER(q, 0); WAKE_POLLER(q, 1); WAKE_POLLER(q, 2);	\
	WAKE_POLLER(q, 3)

/* l4shmc_waitset_wake() */
inline wake_set(xw)
{
	WAKE_POLLERS(set[xw].pollers);
	WAKE_ONE(set[xw].queue, w);
	w = 0
}

/* l4shmc_binding_wake() */
inline ring_binding(rs, br)
{
	if
	:: bind[br].bound && bind[br].sig == rs && !bind[br].ready ->
		sig[rs].armed_bindings--;
		bind[br].ready = true;
		wake_set(bind[br].set)
	:: else
	fi
}

/* R1-R3: l4shmc_signal_ring(), by any process */
inline ring(sg, events)
{
	atomic {
		!sig[sg].lock;			/* R1 */
		sig[sg].lock = true;
		k = events;
		do				/* R2 */
		:: k == 0 -> break
		:: else ->
			WAKE_ONE(sig[sg].queue, w);
			if
			:: w == NOTHING -> break
			:: else ->
				sig[sg].sleepers--;
				k--
			fi
		od;
		k = 0;
		w = 0;
		WAKE_POLLERS(sig[sg].pollers);
#if WAITSETS
		ring_binding(sg, 0);
		ring_binding(sg, 1);
#endif
#if FAULT == FAULT_disarm_early
		store_armed(sg, 0);
#else
		publish(sg);			/* R3 */
#endif
#if FAULT == FAULT_unlock_missing
		if
		:: sig[sg].queue == 0 -> release(sg)
		:: else
		fi
#else
		release(sg)
#endif
	}
}

/* --- taking, by user space and by the driver --------------------------------- */

/*
 * K1-K3: take() and l4shmc_signal_take(). One try: as if all others had been in
 * vain.
 */
inline take(st)
{
	ok = false;
	if
	:: dying -> skip
	:: else ->
#if FAULT == FAULT_loads_swapped
		t = sig[st].triggered;
		c = sig[st].consumed;
#elif FINE
		c = sig[st].consumed;		/* K1 */
		t = sig[st].triggered;		/* K2 */
#else
		atomic {
			c = sig[st].consumed;	/* K1 */
			t = sig[st].triggered	/* K2 */
		};
#endif
		atomic {
			if			/* K3 */
			:: t != c && sig[st].consumed == c ->
				if
				:: sig[st].counting -> t = c + 1
				:: else
				fi;
				/* Forwards, and only what has been triggered. */
				assert(t > c && t <= sig[st].triggered);
				sig[st].consumed = t;
				ok = true
			:: else
			fi;
			c = 0;
			t = 0
		}
	fi
}

/* l4shmc_signal_pending() */
inline look(sl)
{
#if FINE
	c = sig[sl].consumed;
	atomic {
		yes = sig[sl].triggered != c;
		c = 0
	}
#else
	yes = PENDING(sl)
#endif
}

/* --- who triggers -------------------------------------------------------------- */

/* One step: who is between the two is seen by nobody, and can as well be before. */
inline add_event(sg)
{
	atomic {
		buf[me].adds[sg]++;		/* T1 */
#if FAULT != FAULT_barrier_trigger
		BARRIER()			/* T2 */
#endif
	}
}

/* D1-D3: l4shmc_signal_recheck(), when the process is gone */
inline recheck(sd)
{
	atomic { BARRIER() };
#if FAULT != FAULT_recheck_death
	c = sig[sd].consumed;
	t = sig[sd].triggered - c;		/* D1 */
	c = 0;
	if
	:: t != 0 && (sig[sd].queue != 0 || sig[sd].pollers != 0 ||
		      sig[sd].armed_bindings != 0) ->	/* D2 */
		if
		:: sig[sd].counting
		:: else -> t = 1
		fi;
		ring(sd, t)			/* D3 */
	:: else
	fi;
	t = 0
#endif
}

/* Maybe killed: then the driver looks, and the process is gone. */
#define MAY_DIE								\
	if								\
	:: skip								\
	:: may_die -> recheck(s); goto dead				\
	fi

#if !USED(call)
/* It can die between any two of its steps. Those in the driver are not cut short. */
proctype producer(byte me; byte s; byte n; bool may_die)
{
	byte c, t, k, w;
	bool armed;

	do
	:: n == 0 -> break
	:: else ->
		n--;
		add_event(s);			/* T1, T2 */
		MAY_DIE;
		armed = sig[s].armed != 0;	/* T3 */
		MAY_DIE;
		if
		:: armed -> armed = false; ring(s, 1)	/* T4 */
		:: else
		fi
	od;
dead:	skip
}
#endif

/* --- who waits ------------------------------------------------------------------ */

/* l4shmc_timeout_sleep(): until woken; the time is over; a Unix signal */
inline wait_awake()
{
	atomic {
		if
		:: state[me] == RUNNING
		:: may_fail -> err = true; state[me] = RUNNING
		/* The Unix signal was there before: it does not even sleep. */
		:: may_fail -> err = true
		fi;
		if
		:: err && may_die -> dying = true
		:: true
		fi
	}
}

/* The store can be late for who wakes. */
inline maybe_awake()
{
	if
	:: state[me] = RUNNING
	:: skip
	fi
}

/* S1-S7: l4shmc_signal_sleep(); sets err */
inline sleep(sw)
{
	waits_sig[me] = sw;
#if USED(call)
	if
	:: way ->
		atomic {			/* G1: l4shmc_sleeper_give_way() */
			!sig[sw].lock;
			sig[sw].lock = true;
			light[me] = true;
			sig[sw].queue = sig[sw].queue | BIT(me);
			sig[sw].sleepers++;
			publish(sw);
			release(sw);
			way = false
		};
		take(sw)			/* G2 */
	:: else
	fi;
#endif
	do
	:: ok -> break
	:: else ->
		atomic {			/* S1: l4shmc_sleeper_prepare() */
			!sig[sw].lock;
			sig[sw].lock = true;
#if FAULT != FAULT_way_kept
			light[me] = false;
#endif
			if
			:: !(sig[sw].queue & BIT(me)) ->
				sig[sw].queue = sig[sw].queue | BIT(me);
				sig[sw].sleepers++;
				publish(sw)
			:: else
			fi;
			state[me] = SLEEPING;
#if FAULT != FAULT_barrier_sleep
			BARRIER();		/* S2 */
#endif
			release(sw)
		}
#if FAULT != FAULT_recheck_sleep
		take(sw);			/* S3 */
		if
		:: ok -> break
		:: else
		fi;
		look(sw);
		if
		:: yes -> yes = false; state[me] = RUNNING
		:: else
		fi;
#endif
endsleep:	wait_awake();			/* S4 */
		if
		:: err -> break
		:: else
		fi
	od;
	maybe_awake();				/* S5: l4shmc_sleeper_dequeue() */
	rung = true;
	if
	:: sig[sw].queue & BIT(me) ->
		atomic {
			!sig[sw].lock;
			state[me] = RUNNING;
			if
			:: sig[sw].queue & BIT(me) ->
				sig[sw].lock = true;
				rung = false;
				sig[sw].queue = sig[sw].queue & ~BIT(me);
				sig[sw].sleepers--;
				publish(sw);
				release(sw)
			:: else
			fi
		}
	:: else -> state[me] = RUNNING
	fi;
	light[me] = false;
	waits_sig[me] = NOTHING;
	if					/* S6 */
	:: err && !ok ->
		take(sw);
		if
		:: ok -> err = false
		:: else
		fi
	:: else
	fi;
#if FAULT != FAULT_ring_kept
	if					/* S7 */
	:: err || rung ->
		look(sw);
		if
		:: yes -> yes = false; ring(sw, 1)
		:: else
		fi
	:: else
	fi;
#endif
	rung = false
}

#define WAITER_VARS			\
	byte c, t, k, w;		\
	bool ok, yes, err, rung, dying

#if USED(sleepers) || USED(counting) || USED(death) || USED(poll) || USED(crowd)
/* l4shmc_wait_signal(): @n times, or until it fails or is killed */
proctype waiter(byte me; byte s; byte n; bool may_fail; bool may_die)
{
	WAITER_VARS;

	do
	:: n == 0 || err -> break
	:: else ->
		n--;
		take(s);
		if
		:: !ok -> sleep(s)
		:: else
		fi;
		ok = false
	od
}
#endif

#if USED(waitset) || USED(setpoll)
/* l4shmc_wait_signal_try(): snatches events away */
proctype taker(byte me; byte s; byte n)
{
	byte c, t;
	bool ok, dying;

	do
	:: n == 0 -> break
	:: else -> n--; take(s); ok = false
	od
}
#endif

#if USED(call)
/* l4shmc_call_to(): adds in the record or in the driver. Sets way if it may give way. */
inline call_trigger(sc)
{
	add_event(sc);				/* T1, T2 */
	if
	:: sig[sc].armed != 0 -> yes = true	/* T3 */
	/* CALL adds, without another look. */
	:: true -> atomic { BARRIER(); yes = true }
	:: sig[sc].armed == 0
	fi;
	if
	:: yes ->
		yes = false;
		ring(sc, 1);			/* T4 */
		if
		:: way = true
		:: skip
		fi
	:: else
	fi
}

/* Triggers @a and waits for @b, @n times; the other side begins with the wait. */
proctype caller(byte me; byte a; byte b; byte n; bool answers)
{
	WAITER_VARS;
	bool may_fail, may_die, way;

	do
	:: n == 0 -> break
	:: else ->
		if
		:: answers -> answers = false
		:: else -> call_trigger(a)
		fi;
		take(b);
		if
		:: !ok -> sleep(b)
		:: else
		fi;
		ok = false;
		way = false;
		n--
	od;
	/* The answer to the last one; who began has had it. */
	if
	:: b == 0 -> call_trigger(a)
	:: else
	fi
}
#endif

#if USED(poll)
/* P1-P4: poll() on the signal, then a take, @n times */
proctype poller(byte me; byte s; byte n)
{
	byte c, t, w;
	bool ok, yes, dying;

	do
	:: n == 0 -> break
	:: else ->
		n--;
		atomic {			/* P1: poll_wait() */
			!sig[s].lock;
			sig[s].pollers = sig[s].pollers | BIT(me)
		}
		waits_sig[me] = s;
		do
		:: true ->
			state[me] = SLEEPING;
			atomic {		/* P2 */
				!sig[s].lock;
				if
				:: !sig[s].polled ->
					sig[s].lock = true;
					sig[s].polled = true;
					publish(s);
					release(s)
				:: else
				fi
			}
#if FAULT != FAULT_barrier_poll
			atomic { BARRIER() };	/* P3 */
#endif
			look(s);		/* P4 */
			if
			:: yes -> break
			:: else
			fi;
endpoll:		state[me] == RUNNING
		od;
		yes = false;
		waits_sig[me] = NOTHING;
		atomic {
			!sig[s].lock;
			state[me] = RUNNING;
			sig[s].pollers = sig[s].pollers & ~BIT(me)
		}
		take(s);
		ok = false
	od
}
#endif

/* --- wait sets -------------------------------------------------------------------- */

/*
 * The lock of a wait set is not there: what it protects is changed in single steps,
 * and a binding is changed under the lock of its signal as well.
 */

/* W3-W6: l4shmc_binding_settle(), under the lock of the signal; sets yes */
inline settle(bs)
{
	atomic {
		sig[bind[bs].sig].armed_bindings++;	/* W3 */
		publish(bind[bs].sig);
#if FAULT != FAULT_barrier_settle
		BARRIER()			/* W4 */
#endif
	};
#if FAULT != FAULT_recheck_settle
	look(bind[bs].sig);			/* W5 */
#endif
	atomic {
		if
		:: yes ->			/* W6 */
			sig[bind[bs].sig].armed_bindings--;
			publish(bind[bs].sig)
		:: else -> bind[bs].ready = false
		fi
	}
}

#define IS_BOUND(b, x) (bind[b].bound && bind[b].set == (x))
#define IS_READY(b, x) (bind[b].ready && bind[b].set == (x))
#define LOOKS(x) (IS_BOUND(0, x) + IS_BOUND(1, x) + 2)

/*
 * W1: the beginning of l4shmc_waitset_look(): finds a binding that is ready, not
 * the first but any, and locks its signal. Sets next, or NOTHING; and vain, if
 * it has to begin again.
 */
inline lock_ready(xn)
{
	atomic {
		if
		:: IS_READY(0, xn) -> next = 0
		:: IS_READY(1, xn) -> next = 1
		:: else -> next = NOTHING
		fi;
		if
		:: next != NOTHING && !sig[bind[next].sig].lock ->
			sig[bind[next].sig].lock = true
		:: else
			/* Tried, and given up. */
			vain = next != NOTHING
		fi
	};
	if
	:: vain ->
		atomic {
			!sig[bind[next].sig].lock;
#if FAULT == FAULT_look_stale
			sig[bind[next].sig].lock = true;
			vain = false
#else
			if
			:: IS_READY(next, xn) ->
				sig[bind[next].sig].lock = true;
				vain = false
			/* Another one is the first by now. */
			:: IS_READY(1 - next, xn)
			:: !IS_READY(0, xn) && !IS_READY(1, xn) ->
				next = NOTHING;
				vain = false
			fi
#endif
		}
	:: else
	fi
}

/* W1-W7: l4shmc_waitset_take(), of one event; sets ok */
inline set_take(xt)
{
	looks = LOOKS(xt);
	do
	:: looks == 0 || dying || ok -> break
	:: else ->
		looks--;
		lock_ready(xt);
		if
		:: next == NOTHING -> break
		:: vain -> vain = false
		:: else ->
			take(bind[next].sig);	/* W2 */
			/* What is pending stays with the signal that was unbound. */
			assert(!ok || bind[next].bound);
			settle(next);
			atomic {
				if
				:: yes -> wake_set(xt)	/* W7 */
				:: else
				fi;
				yes = false;
				release(bind[next].sig)
			}
		fi;
		next = 0
	od;
	next = 0;
	looks = 0
}

/* X1-X4: l4shmc_waitset_sleep() */
inline set_sleep(xe)
{
	waits_set[me] = xe;
	do
	:: true ->
		atomic {			/* X1 */
			set[xe].queue = set[xe].queue | BIT(me);
			state[me] = SLEEPING;
			BARRIER()
		};
		if				/* X2 */
		:: IS_READY(0, xe) || IS_READY(1, xe) -> state[me] = RUNNING
		:: else
		fi;
endset:		wait_awake();			/* X3 */
		maybe_awake();
		atomic {
			state[me] = RUNNING;
			set[xe].queue = set[xe].queue & ~BIT(me)
		};
		set_take(xe);
		if
		:: ok || err -> break
		:: else
		fi
	od;
	waits_set[me] = NOTHING;
#if FAULT != FAULT_set_ring_kept
	atomic {				/* X4 */
		if
		:: !ok && (IS_READY(0, xe) || IS_READY(1, xe)) ->
			WAKE_ONE(set[xe].queue, w);
			w = 0
		:: else
		fi
	};
#endif
	if
	:: ok -> err = false
	:: else
	fi
}

#if USED(waitset) || USED(crowd) || USED(move)
/* l4shmc_wait_any(): @n times, or until it fails or is killed */
proctype setwaiter(byte me; byte x; byte n; bool may_fail; bool may_die)
{
	byte c, t, w, next, looks;
	bool ok, yes, err, dying, vain;

	do
	:: n == 0 || err -> break
	:: else ->
		n--;
		set_take(x);
		if
		:: !ok -> set_sleep(x)
		:: else
		fi;
		ok = false
	od
}
#endif

#if USED(setpoll)
/* Y1-Y3: poll() on the wait set, then a take, @n times */
proctype setpoller(byte me; byte x; byte n)
{
	byte c, t, w, next, looks;
	bool ok, yes, dying, vain;

	do
	:: n == 0 -> break
	:: else ->
		n--;
		set[x].pollers = set[x].pollers | BIT(me);	/* Y1 */
		waits_set[me] = x;
		do
		:: true ->
			state[me] = SLEEPING;
			looks = LOOKS(x);
			do
			:: looks == 0 -> yes = true; break
			:: else ->
				looks--;
				lock_ready(x);		/* Y2 */
				if
				:: next == NOTHING -> break
				:: vain -> vain = false
				:: else ->
					look(bind[next].sig);
					if
					:: yes
					:: else -> settle(next)
					fi;
					atomic { release(bind[next].sig) }
				fi;
				next = 0;
				if
				:: yes -> break
				:: else
				fi
			od;
			next = 0;
			looks = 0;
			if
			:: yes -> break
			:: else
			fi;
endpoll:		state[me] == RUNNING		/* Y3 */
		od;
		yes = false;
		waits_set[me] = NOTHING;
		atomic {
			state[me] = RUNNING;
			set[x].pollers = set[x].pollers & ~BIT(me)
		};
		set_take(x);
		ok = false
	od
}
#endif

/* l4shmc_binding_add() */
inline do_bind(bb)
{
	atomic {
		!sig[bind[bb].sig].lock;
		sig[bind[bb].sig].lock = true;
		bind[bb].bound = true;
		bind[bb].ready = true
	};
	settle(bb);
	atomic {
		if
		:: yes -> wake_set(bind[bb].set)
		:: else
		fi;
		yes = false;
		release(bind[bb].sig)
	}
}

/* l4shmc_binding_remove() */
inline do_unbind(bu)
{
	atomic {
		!sig[bind[bu].sig].lock;
		sig[bind[bu].sig].lock = true;
		bind[bu].bound = false;
		if
		:: bind[bu].ready -> bind[bu].ready = false
		:: else -> sig[bind[bu].sig].armed_bindings--
		fi;
		publish(bind[bu].sig);
		release(bind[bu].sig)
	}
}

#if USED(move)
/* l4shmc_attach_signal() by another thread: binding 0 goes, binding 1 comes */
proctype mover(byte me)
{
	byte c, w;
	bool yes;

	do_unbind(0);
	do_bind(1)
}
#endif

/* --- what has to hold ------------------------------------------------------------- */

#define NOT_ASLEEP(p)									\
	assert(waits_sig[p] == NOTHING || !PENDING(waits_sig[p]));			\
	assert(waits_set[p] == NOTHING ||						\
	       ((!IS_BOUND(0, waits_set[p]) || !PENDING(bind[0].sig)) &&		\
		(!IS_BOUND(1, waits_set[p]) || !PENDING(bind[1].sig))))

#define IS_TOLD(b) assert(!bind[b].bound || !PENDING(bind[b].sig) || bind[b].ready)

#define IS_ARMED(b, s) (bind[b].bound && bind[b].sig == (s) && !bind[b].ready)
#define IN(q, p) (((q) >> (p)) & 1)
#define IS_PUBLISHED(s)									\
	assert(!sig[s].lock);								\
	assert(sig[s].sleepers == IN(sig[s].queue, 0) + IN(sig[s].queue, 1) +		\
	       IN(sig[s].queue, 2) + IN(sig[s].queue, 3));				\
	assert(sig[s].armed_bindings == IS_ARMED(0, s) + IS_ARMED(1, s));			\
	assert(sig[s].armed == sig[s].sleepers + sig[s].armed_bindings + sig[s].polled)

/*
 * When nothing can go on any more: nobody sleeps for what is pending, and a
 * wait set knows what is pending for its next wait. That all others have come to
 * their end is spin's own check for invalid end states.
 */
proctype monitor()
{
	timeout;
	atomic {
		NOT_ASLEEP(0);
		NOT_ASLEEP(1);
		NOT_ASLEEP(2);
		NOT_ASLEEP(3);
		IS_TOLD(0);
		IS_TOLD(1);
		IS_PUBLISHED(0);
		IS_PUBLISHED(1)
	}
}

#define BIND(b, s, x)			\
	bind[b].sig = s;		\
	bind[b].set = x;		\
	bind[b].bound = true;		\
	sig[s].armed_bindings++;		\
	sig[s].armed++

init {
	atomic {
#if INSTANCE == INST_sleepers
		/* One gives up, or is killed, while an event is for another one. */
		run waiter(0, 0, 1, false, false);
		run waiter(1, 0, 1, true, true);
		run producer(2, 0, 2, false);
#elif INSTANCE == INST_counting
		sig[0].counting = true;
		run waiter(0, 0, 1, false, false);
		run waiter(1, 0, 1, false, false);
		run waiter(2, 0, 1, true, true);
		run producer(3, 0, 2, false);
#elif INSTANCE == INST_death
		sig[0].counting = true;
		run waiter(0, 0, 1, false, false);
		run waiter(1, 0, 1, false, false);
		run producer(2, 0, 1, true);
		run producer(3, 0, 1, true);
#elif INSTANCE == INST_poll
		run poller(0, 0, 2);
		run waiter(1, 0, 1, false, false);
		run producer(2, 0, 2, true);
#elif INSTANCE == INST_waitset
		/* Two signals, and somebody who takes events of one in user space. */
		BIND(0, 0, 0);
		BIND(1, 1, 0);
		run setwaiter(0, 0, 2, false, false);
		run taker(1, 0, 1);
		run producer(2, 0, 2, true);
		run producer(3, 1, 1, false);
#elif INSTANCE == INST_crowd
		/* Several threads wait in one set, and another one for its signal. */
		sig[0].counting = true;
		BIND(0, 0, 0);
		run setwaiter(0, 0, 1, false, false);
		run setwaiter(1, 0, 1, true, true);
		run waiter(2, 0, 1, false, false);
		run producer(3, 0, 2, false);
#elif INSTANCE == INST_setpoll
		BIND(0, 0, 0);
		BIND(1, 1, 0);
		run setpoller(0, 0, 1);
		run taker(1, 0, 1);
		run producer(2, 0, 2, false);
		run producer(3, 1, 1, true);
#elif INSTANCE == INST_move
		/* Of wait set 0 to wait set 1, while the event comes. */
		BIND(0, 0, 0);
		bind[1].set = 1;
		run setwaiter(0, 0, 1, true, false);
		run setwaiter(1, 1, 1, false, false);
		run mover(2);
		run producer(3, 0, 2, false);
#elif INSTANCE == INST_call
		run caller(0, 0, 1, 2, false);
		run caller(1, 1, 0, 2, true);
#else
#error no such INSTANCE
#endif
		run monitor()
	}
}
