/* dnsdummy.c - loopback DNS answerer for benchmarks (UDP + TCP-less).
 *   dnsdummy PORT MODE [delay_us]
 * MODE 0: NOERROR/NODATA with an SOA for every question.
 * MODE 1: MX -> mx.<qname>, A -> 127.0.0.1, TLSA -> one 3 1 1 record, all
 *         with AD set (a "signed" world for DANE tests); rest NODATA.
 * MODE 2: the same without AD.
 * MODE 3: a mixture, by the last digit of the label d<number>: 0 to 2 as mode 2, 3 to 5
 *         with two hosts of their own, 6 to 8 at a large provider's five hosts, 9 as mode 1.
 * It only echoes the question and appends fixed RRs with a compression
 * pointer; EDNS OPT is answered with an empty OPT.  delay_us adds a fixed
 * delay per answer through a timer queue (to model RTT).  It reads and
 * answers in batches from a large buffer: what is measured is the one who asks.
 * SIGTERM: says how many it was asked. */
#include "common.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
enum { BATCH = 64, ROOM = 600, QUEUE = 65536 };
struct pend {
	double due;
	struct sockaddr_in to;
	size_t n;
	unsigned char b[ROOM];
};
static struct pend *queue;
static unsigned long head, tail;
static int mode;
static volatile sig_atomic_t stop;

static void on_term(int number)
{
	(void)number;
	stop = 1;
}

/* The last digit of the label d<number>, or -1. */
static int digit_of(const unsigned char *name)
{
	for (; *name; name += *name + 1)
		if (name[1] == 'd' && name[2] >= '0' && name[2] <= '9')
			return name[*name] - '0';
	return -1;
}

/* Adds an MX record at b + o; host: labels with their lengths, and what ends them. */
static size_t put_mx(unsigned char *b, size_t o, const char *host, size_t len)
{
	memcpy(b + o, "\xc0\x0c\0\x0f\0\1\0\0\x0e\x10\0\0\0\x0a", 14);
	b[o + 11] = (unsigned char)(len + 2);
	memcpy(b + o + 14, host, len);
	b[7]++;
	return o + 14 + len;
}

static size_t put_hosts(unsigned char *b, size_t o, int digit)
{
	char alternative[] = "\4alt1\5aspmx\1l\6google\3com";

	if (digit < 6 || digit == 9) {
		o = put_mx(b, o, "\2mx\xc0\x0c", 5);
		return digit >= 3 && digit < 6 ? put_mx(b, o, "\3mx2\xc0\x0c", 6) : o;
	}
	for (; alternative[4] <= '4'; alternative[4]++)
		o = put_mx(b, o, alternative, sizeof alternative);
	return put_mx(b, o, alternative + 5, sizeof alternative - 5);
}

/* The query of n bytes becomes its answer; how long that is, or 0. */
static size_t answer(unsigned char *b, size_t n)
{
	if (n < 17)
		return 0;
	size_t i = 12;
	while (i < (size_t)n && b[i])
		i += b[i] + 1u;
	unsigned type = (unsigned)b[i + 1] << 8 | b[i + 2];
	size_t o = i + 5;
	int opt = b[11] != 0;
	int digit = mode == 3 ? digit_of(b + 12) : mode == 1 ? 9 : 0;
	b[2] = 0x85, b[3] = digit == 9 ? 0xA0 : 0x80; /* QR AA RD, RA [AD] */
	b[6] = b[8] = b[10] = 0, b[7] = b[9] = 0, b[11] = (unsigned char)opt;
	if (mode && type == 15) {
		o = put_hosts(b, o, digit);
	} else if (mode && type == 1) {
		b[7] = 1;
		memcpy(b + o, "\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4\x7f\0\0\1", 16);
		o += 16;
	} else if (mode && type == 52) {
		b[7] = 1;
		memcpy(b + o, "\xc0\x0c\0\x34\0\1\0\0\x0e\x10\0\x23\3\1\1", 15);
		o += 15;
		memset(b + o, 0xAB, 32);
		o += 32;
	} else {
		b[9] = 1;
		memcpy(b + o,
		       "\xc0\x0c\0\6\0\1\0\0\x0e\x10\0\x18\2ns\0\0\0\0\1\0\0\x0e\x10\0\0"
		       "\x0e\x10\0\0\x0e\x10\0\0\x0e\x10",
		       12);
		o += 10;
		/* SOA rdata: mname ".", rname ".", five 32-bit numbers = 22 bytes */
		b[o] = 0, b[o + 1] = 22;
		o += 2;
		b[o] = b[o + 1] = 0;
		o += 2;
		for (int k = 0; k < 5; k++) {
			memcpy(b + o, "\0\0\x0e\x10", 4);
			o += 4;
		}
	}
	if (opt) {
		memcpy(b + o, "\0\0\x29\4\xd0\0\0\x80\0\0\0", 11);
		o += 11;
	}
	return o;
}

/* All that has come, into the queue. */
static void take(int s, double delay)
{
	struct mmsghdr m[BATCH];
	struct iovec v[BATCH];
	int got = BATCH;

	while (got == BATCH) {
		for (int i = 0; i < BATCH; i++) {
			struct pend *p = &queue[(head + (unsigned)i) % QUEUE];
			v[i] = (struct iovec){ p->b, 512 };
			m[i].msg_hdr = (struct msghdr){ .msg_name = &p->to,
							.msg_namelen = sizeof p->to,
							.msg_iov = &v[i],
							.msg_iovlen = 1 };
		}
		got = recvmmsg(s, m, BATCH, MSG_DONTWAIT, NULL);
		double due = now() + delay;
		for (int i = 0; i < got; i++) {
			struct pend *p = &queue[(head + (unsigned)i) % QUEUE];
			p->n = answer(p->b, m[i].msg_len);
			p->due = due;
		}
		head += got > 0 ? (unsigned)got : 0;
	}
}

/* All that is due, out of it. */
static void give(int s)
{
	struct mmsghdr m[BATCH];
	struct iovec v[BATCH];
	double t = now();
	unsigned n = BATCH;

	while (n == BATCH) {
		for (n = 0; n < BATCH && tail + n != head; n++) {
			struct pend *p = &queue[(tail + n) % QUEUE];
			if (p->due > t)
				break;
			v[n] = (struct iovec){ p->b, p->n };
			m[n].msg_hdr = (struct msghdr){ .msg_name = &p->to,
							.msg_namelen = sizeof p->to,
							.msg_iov = &v[n],
							.msg_iovlen = 1 };
		}
		for (unsigned done = 0; done < n;) {
			int sent = sendmmsg(s, m + done, n - done, 0);
			done += sent > 0 ? (unsigned)sent : 1; /* refused: the next */
		}
		tail += n;
	}
}

int main(int argc, char **argv)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	mode = argc > 2 ? atoi(argv[2]) : 0;
	double delay = argc > 3 ? atof(argv[3]) * 1e-6 : 0;
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)atoi(argv[1])),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int sz = 8 << 20;
	if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &sz, sizeof sz))
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &sz, sizeof sz);
	if (bind(s, (void *)&a, sizeof a))
		return 1;
	queue = malloc(sizeof *queue * QUEUE);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, NULL);
	while (!stop) {
		struct pollfd p = { s, POLLIN, 0 };
		double left = head == tail ? 1 : queue[tail % QUEUE].due - now();
		struct timespec t = { 0, left > 0 ? (long)(left * 1e9) % 1000000000 : 0 };
		ppoll(&p, 1, head == tail ? NULL : &t, NULL);
		give(s);
		take(s, delay);
		if (delay <= 0)
			give(s);
	}
	fprintf(stderr, "asked %lu\n", head);
}
