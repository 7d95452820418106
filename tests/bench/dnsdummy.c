/* dnsdummy.c - loopback DNS answerer for benchmarks (UDP + TCP-less).
 *   dnsdummy PORT MODE [delay_us]
 * MODE 0: NOERROR/NODATA with an SOA for every question.
 * MODE 1: MX -> mx.<qname>, A -> 127.0.0.1, TLSA -> one 3 1 1 record, all
 *         with AD set (a "signed" world for DANE tests); rest NODATA.
 * MODE 2: the same without AD.
 * It only echoes the question and appends fixed RRs with a compression
 * pointer; EDNS OPT is answered with an empty OPT.  delay_us adds a fixed
 * delay per answer through a timer queue (to model RTT). */
#include "common.h"
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
struct pend {
	double due;
	struct sockaddr_in to;
	size_t n;
	unsigned char b[600];
};
int main(int argc, char **argv)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0), mode = argc > 2 ? atoi(argv[2]) : 0;
	double delay = argc > 3 ? atof(argv[3]) * 1e-6 : 0;
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)atoi(argv[1])),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int sz = 8 << 20;
	setsockopt(s, SOL_SOCKET, SO_RCVBUF, &sz, sizeof sz);
	if (bind(s, (void *)&a, sizeof a))
		return 1;
	enum { Q = 65536 };
	struct pend *q = malloc(sizeof *q * Q);
	unsigned h = 0, t = 0;
	for (;;) {
		struct pollfd p = { s, POLLIN, 0 };
		int to = -1;
		if (h != t) {
			double d = (q[t % Q].due - now()) * 1e3;
			to = d <= 0 ? 0 : (int)d;
		}
		poll(&p, 1, to);
		while (h != t && q[t % Q].due <= now()) {
			sendto(s, q[t % Q].b, q[t % Q].n, 0, (void *)&q[t % Q].to,
			       sizeof(struct sockaddr_in));
			t++;
		}
		if (!(p.revents & POLLIN))
			continue;
		struct sockaddr_in f;
		socklen_t fl = sizeof f;
		unsigned char *b = q[h % Q].b;
		ssize_t n = recvfrom(s, b, 512, MSG_DONTWAIT, (void *)&f, &fl);
		if (n < 17)
			continue;
		size_t i = 12;
		while (i < (size_t)n && b[i])
			i += b[i] + 1u;
		unsigned type = (unsigned)b[i + 1] << 8 | b[i + 2];
		size_t o = i + 5;
		int opt = b[11] != 0;
		b[2] = 0x85, b[3] = mode == 1 ? 0xA0 : 0x80; /* QR AA RD, RA [AD] */
		b[6] = b[8] = b[10] = 0, b[7] = b[9] = 0, b[11] = (unsigned char)opt;
		if (mode && type == 15) {
			b[7] = 1;
			memcpy(b + o, "\xc0\x0c\0\x0f\0\1\0\0\x0e\x10\0\x07\0\x0a\2mx\xc0\x0c", 19);
			o += 19;
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
		if (delay <= 0)
			sendto(s, b, o, 0, (void *)&f, fl);
		else {
			q[h % Q].to = f;
			q[h % Q].n = o;
			q[h % Q].due = now() + delay;
			h++;
		}
	}
}
