/* nullmilter.c - the smallest libmilter filter that still looks at content:
 * it receives all headers and body chunks and returns SMFIS_CONTINUE.
 *   nullmilter SOCKET [mode]
 * mode 0: callbacks for headers and body, a reply for every step (default)
 * mode 1: the same with the SMFIP_NR_* "no reply" bits requested
 * mode 2: like 1, and steps we do not need are switched off (SMFIP_NO*)
 * mode 3: like 1, adds one header at end of message */
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int mode;
static volatile unsigned long bytes;
/* A filter that negotiated SMFIP_NR_* must return SMFIS_NOREPLY from those
 * callbacks; returning CONTINUE makes libmilter call syslog() every time. */
#define STEP (mode >= 1 ? SMFIS_NOREPLY : SMFIS_CONTINUE)

static sfsistat n_header(SMFICTX *c, char *n, char *v)
{
	(void)c;
	bytes += strlen(n) + strlen(v);
	return STEP;
}
static sfsistat n_eoh(SMFICTX *c)
{
	(void)c;
	return STEP;
}
static sfsistat n_body(SMFICTX *c, unsigned char *p, size_t n)
{
	(void)c;
	bytes += n + p[0];
	return STEP;
}
static sfsistat n_from(SMFICTX *c, char **a)
{
	(void)c;
	(void)a;
	return STEP;
}
static sfsistat n_eom(SMFICTX *c)
{
	if (mode == 3)
		smfi_addheader(c, "X-Null", "1");
	return SMFIS_CONTINUE;
}
static sfsistat n_negotiate(SMFICTX *c, unsigned long f0, unsigned long f1, unsigned long f2,
			    unsigned long f3, unsigned long *p0, unsigned long *p1,
			    unsigned long *p2, unsigned long *p3)
{
	(void)c;
	(void)f2;
	(void)f3;
	unsigned long want = 0;
	if (mode >= 1)
		want |= SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT |
			SMFIP_NR_DATA | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_NR_UNKN;
	if (mode == 2)
		want |= SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NODATA;
	*p0 = f0 & SMFIF_ADDHDRS;
	*p1 = f1 & want;
	*p2 = *p3 = 0;
	return SMFIS_CONTINUE;
}
static sfsistat n_helo(SMFICTX *c, char *h)
{
	(void)c;
	(void)h;
	return STEP;
}
static sfsistat n_conn(SMFICTX *c, char *h, _SOCK_ADDR *a)
{
	(void)c;
	(void)h;
	(void)a;
	return STEP;
}
static sfsistat n_data(SMFICTX *c)
{
	(void)c;
	return STEP;
}
static sfsistat n_close(SMFICTX *c)
{
	(void)c;
	return SMFIS_CONTINUE;
}

int main(int argc, char **argv)
{
	struct smfiDesc d = {
		.xxfi_name = "null",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS,
		.xxfi_connect = n_conn,
		.xxfi_helo = n_helo,
		.xxfi_envfrom = n_from,
		.xxfi_envrcpt = n_from,
		.xxfi_header = n_header,
		.xxfi_eoh = n_eoh,
		.xxfi_body = n_body,
		.xxfi_eom = n_eom,
		.xxfi_data = n_data,
		.xxfi_close = n_close,
		.xxfi_negotiate = n_negotiate,
	};
	if (argc < 2)
		return 2;
	mode = argc > 2 ? atoi(argv[2]) : 0;
	if (smfi_register(d) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS)
		return 1;
	smfi_setbacklog(1024);
	return smfi_main();
}
