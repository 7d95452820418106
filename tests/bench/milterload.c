/* milterload.c - milter-protocol (v6) load generator.
 *
 * Opens -c connections to a milter, each driven by one blocking thread, and
 * sends -m messages of -s body bytes over each.  It plays the MTA side of the
 * protocol the way Postfix does: macros before each step, one packet per
 * header, body in 65535-byte chunks, replies honoured only for the steps the
 * filter did not switch off during option negotiation.  Writes are buffered
 * and flushed only when a reply is needed (as Postfix's VSTREAM does).
 *
 *   milterload -a inet:port|unix:path [-c conns] [-m msgs per conn]
 *              [-s body bytes] [-k msgs per milter session] [-r rcpts]
 *              [-f body file] [-v]
 *
 * -k 1 reconnects for every message (one SMTP session per message);
 * -k 0 keeps the session for the whole run (default).
 * Output: one line with msgs/s, MB/s, latency of the whole message (MAIL to
 * final verdict) and of end-of-message alone (p50/p90/p99/max, us).
 */
#include "common.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { OUTBUF = 1 << 17, CHUNK = 65535 };
/* Protocol bits (mfdef.h). */
enum {
	P_NOCONNECT = 0x1,
	P_NOHELO = 0x2,
	P_NOMAIL = 0x4,
	P_NORCPT = 0x8,
	P_NOBODY = 0x10,
	P_NOHDRS = 0x20,
	P_NOEOH = 0x40,
	P_NRHDR = 0x80,
	P_NODATA = 0x200,
	P_SKIP = 0x400,
	P_NRCONN = 0x1000,
	P_NRHELO = 0x2000,
	P_NRMAIL = 0x4000,
	P_NRRCPT = 0x8000,
	P_NRDATA = 0x10000,
	P_NREOH = 0x40000,
	P_NRBODY = 0x80000,
	P_ALL = 0x1FFFFF
};

struct conn {
	int fd;
	uint32_t proto; /* negotiated protocol flags */
	size_t out_len, in_len, in_pos;
	unsigned char *out, *in;
	double *lat, *eom; /* one sample per message */
	long done, mods, rejected;
	pthread_t tid;
	unsigned id;
};

static struct sockaddr_storage addr;
static socklen_t addr_len;
static long n_conn = 1, n_msg = 1000, per_session, n_rcpt = 1, verbose;
static size_t body_len = 4096;
static unsigned char *body;
static atomic_int go;

static void die(const char *what)
{
	fprintf(stderr, "milterload: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void flush_out(struct conn *c)
{
	size_t off = 0;
	while (off < c->out_len) {
		ssize_t n = write(c->fd, c->out + off, c->out_len - off);
		if (n <= 0)
			die("write");
		off += (size_t)n;
	}
	c->out_len = 0;
}

static void put(struct conn *c, const void *p, size_t n)
{
	if (c->out_len + n > OUTBUF)
		flush_out(c);
	memcpy(c->out + c->out_len, p, n);
	c->out_len += n;
}

static void packet(struct conn *c, char cmd, const void *p, size_t n)
{
	unsigned char h[5];
	uint32_t be = htonl((uint32_t)n + 1);
	memcpy(h, &be, 4);
	h[4] = (unsigned char)cmd;
	put(c, h, 5);
	put(c, p, n);
}

static void fill(struct conn *c, size_t want)
{
	if (c->in_pos) {
		memmove(c->in, c->in + c->in_pos, c->in_len - c->in_pos);
		c->in_len -= c->in_pos;
		c->in_pos = 0;
	}
	while (c->in_len < want) {
		ssize_t n = read(c->fd, c->in + c->in_len, OUTBUF - c->in_len);
		if (n <= 0)
			die(n ? "read" : "milter closed the connection");
		c->in_len += (size_t)n;
	}
}

/* Reads one reply packet; returns its command letter. */
static char reply(struct conn *c, unsigned char **data, uint32_t *len)
{
	uint32_t n;
	if (c->in_len - c->in_pos < 5)
		fill(c, 5);
	memcpy(&n, c->in + c->in_pos, 4);
	n = ntohl(n);
	if (n == 0 || n > OUTBUF - 4)
		die("bad packet length");
	if (c->in_len - c->in_pos < 4 + n)
		fill(c, 4 + n);
	*data = c->in + c->in_pos + 5;
	*len = n - 1;
	char cmd = (char)c->in[c->in_pos + 4];
	c->in_pos += 4 + n;
	return cmd;
}

/* Sends what is queued and waits for one verdict.  Returns 'c', 's' (skip)
 * or a final verdict letter; modification packets are counted. */
static char verdict(struct conn *c)
{
	unsigned char *d;
	uint32_t n;
	flush_out(c);
	for (;;) {
		char r = reply(c, &d, &n);
		switch (r) {
		case 'c':
		case 'a':
		case 'r':
		case 't':
		case 'd':
		case 's':
		case 'y':
			return r;
		case 'p': /* progress */
			break;
		default: /* header/body/rcpt modification */
			c->mods++;
		}
	}
}

static void session_open(struct conn *c)
{
	unsigned char *d, o[12];
	uint32_t n, w[3] = { htonl(6), htonl(0x1FF), htonl(P_ALL) };
	int one = 1;
	c->fd = socket(addr.ss_family, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&addr, addr_len) < 0)
		die("connect");
	if (addr.ss_family == AF_INET)
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	c->in_len = c->in_pos = c->out_len = 0;
	memcpy(o, w, 12);
	packet(c, 'O', o, 12);
	flush_out(c);
	if (reply(c, &d, &n) != 'O' || n < 12)
		die("negotiation");
	memcpy(w, d, 12);
	c->proto = ntohl(w[2]);
	if (verbose && c->id == 0) {
		fprintf(stderr, "negotiated proto=0x%x actions=0x%x\n", c->proto, ntohl(w[1]));
		verbose = 0;
	}
	static const char mc[] = "Cj\0mx.example.org\0{daemon_name}\0smtpd\0v\0Postfix 3.7";
	packet(c, 'D', mc, sizeof mc);
	if (!(c->proto & P_NOCONNECT)) {
		static const char cn[] = "client.example.net\0"
					 "4\x30\x39"
					 "127.0.0.1";
		packet(c, 'C', cn, sizeof cn);
		if (!(c->proto & P_NRCONN))
			verdict(c);
	}
	if (!(c->proto & P_NOHELO)) {
		static const char h[] = "client.example.net";
		packet(c, 'H', h, sizeof h);
		if (!(c->proto & P_NRHELO))
			verdict(c);
	}
}

static const char *const hdr[][2] = {
	{ "Received", "from client.example.net (client.example.net [192.0.2.7])\n\tby "
		      "mx.example.org (Postfix) with ESMTPS id 4ABC1234\n\tfor <bob@example.org>; "
		      "Sun, 22 Nov 2026 00:00:00 +0000 (UTC)" },
	{ "Received", "from desktop ([10.1.2.3]) by client.example.net with ESMTPSA id abcdef; "
		      "Sun, 22 Nov 2026 00:00:00 +0000" },
	{ "From", "Alice Example <alice@example.net>" },
	{ "To", "Bob Example <bob@example.org>" },
	{ "Cc", "Carol Example <carol@example.org>, Dave Example <dave@example.org>" },
	{ "Subject", "Quarterly figures and the project schedule" },
	{ "Date", "Sun, 22 Nov 2026 00:00:00 +0000" },
	{ "Message-ID", "<20261122000000.12345@client.example.net>" },
	{ "MIME-Version", "1.0" },
	{ "Content-Type", "text/plain; charset=utf-8" },
	{ "Content-Transfer-Encoding", "8bit" },
	{ "User-Agent", "Mozilla Thunderbird" },
	{ "X-Priority", "3 (Normal)" },
	{ "List-Unsubscribe", "<https://example.net/unsubscribe?u=12345>" },
};

static void one_message(struct conn *c, long i)
{
	char b[2048];
	int n;
	uint32_t p = c->proto;
	char v = 'c';
	double t0 = now();

	static const char mm[] =
		"Mi\0"
		"4ABC1234\0{auth_type}\0PLAIN\0{auth_authen}\0alice\0{mail_addr}\0alice@example."
		"net\0{mail_host}\0example.net\0{mail_mailer}\0smtp";
	packet(c, 'D', mm, sizeof mm);
	if (!(p & P_NOMAIL)) {
		static const char m[] = "<alice@example.net>\0SIZE=4096\0BODY=8BITMIME";
		packet(c, 'M', m, sizeof m);
		if (!(p & P_NRMAIL))
			v = verdict(c);
	}
	for (long r = 0; r < n_rcpt; r++) {
		n = snprintf(b, sizeof b,
			     "R{rcpt_addr}%cbob%ld@example.org%c{rcpt_host}%cexample.org%c{rcpt_"
			     "mailer}%csmtp",
			     0, r, 0, 0, 0, 0);
		packet(c, 'D', b, (size_t)n + 1);
		if (!(p & P_NORCPT)) {
			n = snprintf(b, sizeof b, "<bob%ld@example.org>", r);
			packet(c, 'R', b, (size_t)n + 1);
			if (!(p & P_NRRCPT))
				v = verdict(c);
		}
	}
	if (!(p & P_NODATA)) {
		packet(c, 'D',
		       "Ti\0"
		       "4ABC1234",
		       12);
		packet(c, 'T', "", 0);
		if (!(p & P_NRDATA))
			v = verdict(c);
	}
	if (!(p & P_NOHDRS))
		for (size_t h = 0; h < sizeof hdr / sizeof *hdr; h++) {
			size_t a = strlen(hdr[h][0]) + 1, z = strlen(hdr[h][1]) + 1;
			memcpy(b, hdr[h][0], a);
			memcpy(b + a, hdr[h][1], z);
			packet(c, 'L', b, a + z);
			if (!(p & P_NRHDR))
				v = verdict(c);
		}
	if (!(p & P_NOEOH)) {
		packet(c, 'N', "", 0);
		if (!(p & P_NREOH))
			v = verdict(c);
	}
	if (!(p & P_NOBODY))
		for (size_t off = 0; off < body_len; off += CHUNK) {
			size_t k = body_len - off < CHUNK ? body_len - off : CHUNK;
			packet(c, 'B', body + off, k);
			if (!(p & P_NRBODY) && (v = verdict(c)) != 'c')
				break; /* skip, or an early final verdict */
		}
	double t1 = now();
	if (v == 'c' || v == 's') {
		packet(c, 'D',
		       "Ei\0"
		       "4ABC1234",
		       12);
		packet(c, 'E', "", 0);
		v = verdict(c);
	}
	double t2 = now();
	if (v != 'a' && v != 'c')
		c->rejected++;
	c->lat[i] = t2 - t0;
	c->eom[i] = t2 - t1;
	c->done++;
}

static void *worker(void *arg)
{
	struct conn *c = arg;
	while (!atomic_load(&go))
		usleep(100);
	for (long i = 0; i < n_msg; i++) {
		if (i == 0 || (per_session && i % per_session == 0)) {
			if (i) {
				packet(c, 'Q', "", 0);
				flush_out(c);
				close(c->fd);
			}
			session_open(c);
		}
		one_message(c, i);
	}
	packet(c, 'Q', "", 0);
	flush_out(c);
	close(c->fd);
	return NULL;
}

static double pct(const double *v, long n, double q)
{
	long i = (long)(q * (double)n);
	return v[i >= n ? n - 1 : i] * 1e6;
}

int main(int argc, char **argv)
{
	int o;
	const char *a = NULL, *file = NULL;
	while ((o = getopt(argc, argv, "a:c:m:s:k:r:f:v")) != -1)
		switch (o) {
		case 'a':
			a = optarg;
			break;
		case 'c':
			n_conn = atol(optarg);
			break;
		case 'm':
			n_msg = atol(optarg);
			break;
		case 's':
			body_len = strtoul(optarg, NULL, 10);
			break;
		case 'k':
			per_session = atol(optarg);
			break;
		case 'r':
			n_rcpt = atol(optarg);
			break;
		case 'f':
			file = optarg;
			break;
		case 'v':
			verbose = 1;
			break;
		default:
			return 2;
		}
	if (!a || n_conn < 1 || n_msg < 1)
		return fprintf(stderr, "usage: milterload -a inet:port|unix:path ...\n"), 2;
	if (!strncmp(a, "inet:", 5)) { /* loopback only, on purpose */
		struct sockaddr_in *s = (void *)&addr;
		s->sin_family = AF_INET;
		s->sin_port = htons((uint16_t)atoi(a + 5));
		s->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		addr_len = sizeof *s;
	} else {
		struct sockaddr_un *s = (void *)&addr;
		s->sun_family = AF_UNIX;
		snprintf(s->sun_path, sizeof s->sun_path, "%s",
			 a + (strncmp(a, "unix:", 5) ? 0 : 5));
		addr_len = sizeof *s;
	}
	body = malloc(body_len + 1);
	FILE *f = file ? fopen(file, "rb") : NULL;
	if (file && (!f || fread(body, 1, body_len, f) != body_len))
		die(file);
	if (!file) /* 76-column text lines */
		for (size_t i = 0; i < body_len; i++) {
			size_t col = i % 78;
			body[i] = col == 76 ? '\r'
				  : col == 77
					  ? '\n'
					  : (rnd() % 6 == 0 ? ' '
							    : (unsigned char)('a' + rnd() % 26));
		}
	if (body_len >= 2) /* an MTA always ends the body with CRLF */
		memcpy(body + body_len - 2, "\r\n", 2);
	struct conn *c = calloc((size_t)n_conn, sizeof *c);
	for (long i = 0; i < n_conn; i++) {
		c[i].id = (unsigned)i;
		c[i].out = malloc(OUTBUF);
		c[i].in = malloc(OUTBUF);
		c[i].lat = malloc(sizeof(double) * (size_t)n_msg);
		c[i].eom = malloc(sizeof(double) * (size_t)n_msg);
		if (pthread_create(&c[i].tid, NULL, worker, &c[i]))
			die("pthread_create");
	}
	double t0 = now();
	atomic_store(&go, 1);
	long done = 0, mods = 0, rej = 0;
	for (long i = 0; i < n_conn; i++) {
		pthread_join(c[i].tid, NULL);
		done += c[i].done, mods += c[i].mods, rej += c[i].rejected;
	}
	double dt = now() - t0;
	double *l = malloc(sizeof(double) * (size_t)done),
	       *e = malloc(sizeof(double) * (size_t)done);
	for (long i = 0, k = 0; i < n_conn; i++)
		for (long j = 0; j < n_msg; j++, k++)
			l[k] = c[i].lat[j], e[k] = c[i].eom[j];
	qsort(l, (size_t)done, sizeof *l, cmp_dbl);
	qsort(e, (size_t)done, sizeof *e, cmp_dbl);
	printf("conns %ld msgs %ld size %zu k %ld: %.0f msg/s %.1f MB/s  msg_us p50 %.0f p90 %.0f "
	       "p99 %.0f max %.0f  eom_us p50 %.0f p99 %.0f  mods/msg %.2f rej %ld\n",
	       n_conn, done, body_len, per_session, (double)done / dt,
	       (double)done * (double)body_len / dt / 1e6, pct(l, done, .5), pct(l, done, .9),
	       pct(l, done, .99), l[done - 1] * 1e6, pct(e, done, .5), pct(e, done, .99),
	       (double)mods / (double)done, rej);
	return 0;
}
